//! What in addresses measures, routes or repeats, and says nothing of the article: names of
//! parameters as their makers document them or as they were seen in feeds.

/// Names of parameters that only measure, in lower case.
const MEASURING: [&str; 110] = [
    // Clicks: Google, Microsoft, Meta, X, TikTok, LinkedIn, Yandex, Mail.ru and others.
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "ysclid",
    "ymclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "rb_clickid",
    "_openstat",
    "srsltid",
    "epik",
    "irclickid",
    "wickedid",
    "vgo_ee",
    "__twitter_impression",
    "__tn__",
    "tblci",
    "obclickid",
    "campaign_id_rss",
    "_ga",
    "_gl",
    "gad_source",
    "mibextid",
    "sfnsn",
    "s_kwcid",
    "ef_id",
    "rdt_cid",
    "fb_comment_id",
    "soc_src",
    "soc_trk",
    "hss_channel",
    "_branch_match_id",
    "_branch_referrer",
    "ved",
    "usg",
    "sca_esv",
    // Letters: Mailchimp, HubSpot, Marketo, Substack and others.
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "hsctatracking",
    "mkt_tok",
    "_kx",
    "ck_subscriber_id",
    "bxid",
    "cndid",
    "esrc",
    "wpisrc",
    "wpmm",
    "elqtrackid",
    "elqtrack",
    "publication_id_utm",
    "triedredirect",
    "triedsigningin",
    // Publishers: their feeds' and share buttons' marks.
    "xtor",
    "ito",
    "ftag",
    "ftcamp",
    "smid",
    "smtyp",
    "emc",
    "ocid",
    "ncid",
    "icid",
    "cmpid",
    "s_cid",
    "spref",
    "sr_share",
    "sharetype",
    "share_id",
    "shareid",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "ref_src",
    "ref_url",
    "referrer_access_token",
    "taid",
    "trk",
    "trkcampaign",
    "trackingid",
    "traffic_source",
    "wt_mc",
    "wt_zmc",
    "wt.mc_id",
    "echobox",
    "intcmp",
    "int_source",
    "int_medium",
    "int_campaign",
    "cn-track",
    "sc_cid",
    "fb_action_ids",
    "fb_action_types",
    "fb_source",
    "fb_ref",
    "action_object_map",
    "__xts__",
    "syndication-source",
    // Views of the same page.
    "replytocom",
    "showcomment",
    "phpsessid",
];

/// Beginnings of such names.
const MEASURING_PREFIXES: [&str; 14] = [
    "utm_",
    "mtm_",
    "pk_",
    "piwik_",
    "matomo_",
    "hsa_",
    "oly_",
    "vero_",
    "at_",
    "ns_mchannel",
    "ns_campaign",
    "ns_source",
    "ns_linkname",
    "ga_",
];

/// Names that measure where their value is the name of a channel, and may be anything elsewhere: a
/// branch (`ref=v2`), a city (`from=Zagreb`), an article.
const PERHAPS_MEASURING: [&str; 16] = [
    "ref", "source", "src", "from", "via", "mod", "cid", "cmp", "partner", "campaign", "medium", "channel", "feature",
    "share", "rss", "referrer",
];

/// Names of channels.
const CHANNELS: [&str; 27] = [
    "rss",
    "feed",
    "atom",
    "feedburner",
    "twitter",
    "tw",
    "facebook",
    "fb",
    "email",
    "mail",
    "newsletter",
    "social",
    "share",
    "share_btn_tw",
    "share_btn_fb",
    "share_btn_link",
    "whatsapp",
    "telegram",
    "instagram",
    "linkedin",
    "reddit",
    "homepage",
    "googlenews",
    "google",
    "youtu.be",
    "push",
    "1",
];

/// Whether the parameter says nothing of the article.
pub(super) fn is_noise(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if MEASURING.contains(&name.as_str()) || MEASURING_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return true;
    }
    let value = value.to_ascii_lowercase();
    if matches!(name.as_str(), "amp" | "outputtype" | "output") {
        // Accelerated Mobile Pages are the same article.
        return value == "amp" || name == "amp" && matches!(value.as_str(), "" | "1" | "true");
    }
    if matches!(name.as_str(), "rss" | "print") {
        return matches!(value.as_str(), "" | "1" | "yes" | "true");
    }
    PERHAPS_MEASURING.contains(&name.as_str()) && is_channel(&value)
}

fn is_channel(value: &str) -> bool {
    let is_made_of_channel = |channel: &str| {
        value
            .strip_prefix(channel)
            .is_some_and(|rest| rest.starts_with(['-', '_', '.', '/']) || rest.starts_with("%2f"))
    };
    let is_made_of_any = ["rss", "feed", "share", "twt", "soc"].iter().any(|channel| is_made_of_channel(channel));
    value != "1" && CHANNELS.contains(&value) || is_made_of_any
}

/// Whether a fragment (without its `#`) is a place on the page and not an article of its own.
///
/// Routes of applications (`!/post/1`, `/post/1`) are the article. So may anchors with a number be
/// (`v1.2`, `May_05`), and any on a front page: one page can hold a whole feed.
pub(super) fn is_place(fragment: &str, path: &str) -> bool {
    if fragment.starts_with(['!', '/']) {
        return false;
    }
    let lower = fragment.to_ascii_lowercase();
    let numbered = ["comment-", "comment", "more-", "respond-", "c", "disqus_thread"];
    let is_numbered = numbered
        .iter()
        .any(|start| lower.strip_prefix(start).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())));
    let measures = lower.split('&').any(|part| part.split_once('=').is_some_and(|(name, value)| is_noise(name, value)));
    let counts = lower.len() <= 2 && lower.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = !lower.bytes().any(|byte| byte.is_ascii_digit());
    lower.is_empty()
        || lower.starts_with(":~:")
        || matches!(lower.as_str(), "comments" | "respond" | "comment" | "top" | "rss" | "disqus_thread")
        || measures
        || path != "/" && (is_numbered || counts || is_word)
}

/// Pairs of hosts that serve the same pages.
const TWINS: [(&str, &str); 7] = [
    ("bbc.com", "bbc.co.uk"),
    ("x.com", "twitter.com"),
    ("old.reddit.com", "reddit.com"),
    ("np.reddit.com", "reddit.com"),
    ("new.reddit.com", "reddit.com"),
    ("edition.cnn.com", "cnn.com"),
    ("us.cnn.com", "cnn.com"),
];

/// The host under which a site's pages are known: without `www.` and what only picks the layout for
/// a small screen.
pub(super) fn same_host(host: &str) -> String {
    let mut host = host.trim_end_matches('.');
    while let Some(rest) = ["www.", "m.", "mobile.", "amp."].iter().find_map(|start| host.strip_prefix(start)) {
        // `m.co` and `amp.dev` are sites of their own.
        if !rest.contains('.') {
            break;
        }
        host = rest;
    }
    let host = match host.split_once(".m.") {
        Some((language, rest)) if rest.contains("wiki") => format!("{language}.{rest}"),
        _ => host.to_owned(),
    };
    // Blogger answers under the domain of the reader's country.
    let host = match host.split_once(".blogspot.") {
        Some((blog, country)) if country.len() <= 6 => format!("{blog}.blogspot.com"),
        _ => host,
    };
    match TWINS.iter().find(|(one, _)| *one == host) {
        Some((_, other)) => (*other).to_owned(),
        None => host,
    }
}

/// Where a redirector has its target: the host as [`same_host`] has it, the beginning of the path, and the
/// parameter.
const REDIRECTORS: [(&str, &str, &str); 19] = [
    ("l.facebook.com", "/l.php", "u"),
    ("lm.facebook.com", "/l.php", "u"),
    ("facebook.com", "/l.php", "u"),
    ("l.instagram.com", "/", "u"),
    ("out.reddit.com", "/", "url"),
    ("youtube.com", "/redirect", "q"),
    ("t.umblr.com", "/redirect", "z"),
    ("slack-redir.net", "/link", "url"),
    ("vk.com", "/away.php", "to"),
    ("steamcommunity.com", "/linkfilter", "url"),
    ("duckduckgo.com", "/l/", "uddg"),
    ("bing.com", "/news/apiclick.aspx", "url"),
    ("go.redirectingat.com", "/", "url"),
    ("redirect.viglink.com", "/", "u"),
    ("click.linksynergy.com", "/", "murl"),
    ("medium.com", "/m/global-identity", "redirecturl"),
    ("medium.com", "/m/global-identity-2", "redirecturl"),
    ("linkedin.com", "/redir/redirect", "url"),
    ("feedproxy.google.com", "/", "url"),
];

/// The parameters in which the redirector at `host` and `path` has its target; none for others.
pub(super) fn target_parameters(host: &str, path: &str) -> Vec<&'static str> {
    if host.ends_with(".safelinks.protection.outlook.com") {
        return vec!["url"];
    }
    if is_google(host) && path == "/url" {
        return vec!["url", "q"];
    }
    let is_at = |(known, start, _): &&(&str, &str, &str)| *known == host && path.starts_with(start);
    REDIRECTORS.iter().filter(is_at).map(|(_, _, parameter)| *parameter).collect()
}

/// Services that only count downloads, by the hosts that they stand under.
const DOWNLOAD_COUNTERS: [&str; 18] = [
    "podtrac.com",
    "pdst.fm",
    "chrt.fm",
    "chtbl.com",
    "op3.dev",
    "pscrb.fm",
    "podscribe.com",
    "mgln.ai",
    "arttrk.com",
    "claritaspod.com",
    "clrtpod.com",
    "prfx.byspotify.com",
    "pfx.vpixl.com",
    "gum.fm",
    "swap.fm",
    "backtracks.fm",
    "blubrry.com",
    "podderapp.com",
];

/// Whether `host` is such a service, or below one.
pub(super) fn counts_downloads(host: &str) -> bool {
    DOWNLOAD_COUNTERS
        .iter()
        .any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// `google.com`, `google.rs`, `google.co.uk`.
pub(super) fn is_google(host: &str) -> bool {
    host.strip_prefix("google.").is_some_and(|rest| rest.len() <= 6 && rest.split('.').all(|label| label.len() <= 3))
}
