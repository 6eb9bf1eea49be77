//! The pages in a real browser: read, copied from, in the dark, on a phone, in other languages, and
//! with hostile feeds behind them. Without a Chromium these tests say so and pass.

#[path = "browser/chromium.rs"]
mod chromium;
#[path = "browser/house.rs"]
mod house;
mod support;
#[path = "hostile/vectors.rs"]
mod vectors;

use chromium::Chromium;
use house::{House, entries};
use serde_json::json;
use support::Publisher;

/// One browser and one house for all that is done with the samples: to start them takes longer.
#[test]
fn pages_are_for_people() {
    let Some(mut browser) = Chromium::start() else { return };
    let house = House::of_samples();
    sees_what_pages_should_not_do(&mut browser, &house);
    pages_are_read_without_a_complaint_and_without_a_request_elsewhere(&mut browser, &house);
    one_click_copies_a_feeds_address_and_without_a_script_it_stands_there(&mut browser, &house);
    texts_stand_out_by_day_and_in_the_dark_and_fit_on_a_phone(&mut browser, &house);
    a_browser_gets_pages_in_its_language(&mut browser, &house);
    axe_finds_nothing(&mut browser, &house);
}

/// The browser would tell, were anything wrong.
fn sees_what_pages_should_not_do(browser: &mut Chromium, house: &House) {
    browser.open(&format!("{}feeds/all.html", house.base_url));
    browser.value("setTimeout(() => alert('x'), 0)");
    browser.value(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/x.png\" onerror=\"alert(1)\">')",
    );
    let seen = browser.seen();
    assert_eq!(seen.dialogs, ["x"], "and the handler in the markup did not run");
    assert!(seen.complaints.iter().any(|text| text.contains("Content Security Policy")), "{seen:?}");
}

fn pages_are_read_without_a_complaint_and_without_a_request_elsewhere(browser: &mut Chromium, house: &House) {
    for page in house.pages() {
        browser.open(&page);
        let seen = browser.seen();
        assert!(seen.complaints.is_empty() && seen.dialogs.is_empty(), "{page}: {seen:#?}");
        assert_eq!(seen.requests, [page.as_str()], "one request, and no other");
        assert_eq!(browser.value("document.querySelectorAll('h1').length"), 1, "{page}");
        assert!(browser.value("document.documentElement.outerHTML.length").as_u64().is_some_and(|size| size < 100_000));
    }
    // From the front page to an entry, as a reader goes.
    browser.open(&house.base_url);
    let details = browser.value("document.querySelector('article a[href^=\"/entries/\"]').href");
    browser.open(details.as_str().expect("an address"));
    assert_ne!(browser.value("document.querySelectorAll('mark').length"), 0);
    assert_ne!(browser.value("document.querySelectorAll('aside ul.l li').length"), 0);
}

fn one_click_copies_a_feeds_address_and_without_a_script_it_stands_there(browser: &mut Chromium, house: &House) {
    let page = format!("{}feeds/all.html", house.base_url);
    browser.call("Browser.grantPermissions", json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}));
    browser.open(&page);
    assert_eq!(browser.value("document.querySelector('.sub button').innerText"), "Copy address");
    browser.value("document.querySelector('.sub button').click(), new Promise(done => setTimeout(done, 50))");
    assert_eq!(browser.value("document.querySelector('.sub button').innerText"), "Copied");
    let copied = browser.value("navigator.clipboard.readText()");
    assert_eq!(copied, json!(format!("{}feeds/all.atom", house.base_url)));
    assert!(house.get("feeds/all.atom").starts_with("<?xml"), "and there is a feed");

    browser.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    browser.open(&page);
    browser.call("Emulation.setScriptExecutionDisabled", json!({"value": false}));
    assert_eq!(browser.value("document.querySelector('.sub button').checkVisibility()"), false);
    assert_eq!(browser.value("document.querySelector('.sub code').innerText"), copied);
    assert_eq!(browser.value("getComputedStyle(document.querySelector('.sub code')).userSelect"), "all");
}

/// The lowest contrast of any text in the page with what is behind it, and that text.
const CONTRAST: &str = "(() => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => channels(colour).slice(0, 3).map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, place) => sum + c * [0.2126, 0.7152, 0.0722][place], 0);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = getComputedStyle(e).backgroundColor;
            if ((channels(colour)[3] ?? 1) > 0) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    let lowest = [21, ''];
    for (const element of document.body.querySelectorAll('*')) {
        const text = [...element.childNodes].find(node => node.nodeType === 3 && node.data.trim());
        if (!text || ['SCRIPT', 'TITLE'].includes(element.tagName) || !element.checkVisibility()) continue;
        const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < lowest[0]) lowest = [contrast, text.data];
    }
    return lowest;
})()";

fn texts_stand_out_by_day_and_in_the_dark_and_fit_on_a_phone(browser: &mut Chromium, house: &House) {
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        json!({"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true}),
    );
    for page in house.pages() {
        let mut papers = Vec::new();
        for scheme in ["light", "dark"] {
            let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
            browser.call("Emulation.setEmulatedMedia", json!({ "features": features }));
            browser.open(&page);
            let lowest = browser.value(CONTRAST);
            assert!(lowest[0].as_f64().is_some_and(|contrast| contrast >= 4.5), "{page}, {scheme}: {lowest}");
            papers.push(browser.value("getComputedStyle(document.body).backgroundColor"));
        }
        assert_ne!(papers[0], papers[1], "the dark is dark");
        assert_eq!(browser.value("document.documentElement.scrollWidth"), 360, "{page} is wider than a phone");
    }
    browser.call("Emulation.clearDeviceMetricsOverride", json!({}));
}

fn a_browser_gets_pages_in_its_language(browser: &mut Chromium, house: &House) {
    for (accept, tag, heading) in [
        ("hr-HR,hr;q=0.9,en;q=0.5", "sr-Latn", "Teme"),
        ("sr-Cyrl-RS", "sr-Cyrl", "Теме"),
        ("sq-XK,en;q=0.8", "sq", "Temat"),
        ("mk", "mk", "Теми"),
        ("de-DE", "en", "Topics"),
    ] {
        browser.call("Network.setExtraHTTPHeaders", json!({"headers": {"Accept-Language": accept}}));
        browser.open(&house.base_url);
        assert_eq!(browser.value("document.documentElement.lang"), tag, "{accept}");
        assert_eq!(browser.value("document.querySelector('#topics').innerText"), heading, "{accept}");
    }
    browser.call("Network.setExtraHTTPHeaders", json!({"headers": {}}));
}

/// axe-core is for whoever has it: `AXE_CORE=node_modules/axe-core/axe.min.js`.
fn axe_finds_nothing(browser: &mut Chromium, house: &House) {
    let Some(axe) = std::env::var_os("AXE_CORE") else {
        eprintln!("SKIPPED: AXE_CORE names no axe.min.js");
        return;
    };
    let axe = std::fs::read_to_string(axe).expect("axe-core");
    for page in house.pages() {
        for scheme in ["light", "dark"] {
            let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
            browser.call("Emulation.setEmulatedMedia", json!({ "features": features }));
            browser.open(&page);
            browser.value(&format!("{axe}; 0"));
            let found = browser.value(
                "axe.run().then(({violations}) => violations.map(v => [v.id, v.impact, v.nodes.slice(0, 3).map(n => n.html)]))",
            );
            assert_eq!(found, json!([]), "{page}, {scheme}");
        }
    }
}

/// Every vector stands on a page of its own as well as in the lists.
#[test]
fn no_script_of_a_feed_runs_in_a_browser() {
    let Some(mut browser) = Chromium::start() else { return };
    let publisher = tokio::runtime::Runtime::new().expect("a runtime").block_on(Publisher::start());
    publisher.publishes("/hostile.rss", hostile_feed());
    let house = House::reading(&publisher.url("/hostile.rss"), "the last vector");
    let list = house.get("feeds/all.html");
    let mut pages = entries(&list);
    assert!(pages.len() > vectors::HTML.len(), "only {} entries", pages.len());
    pages.extend(["", "feeds/all.html", "status", "no/%3Cscript%3Ealert(1)%3C/script%3E"].map(str::to_owned));
    for page in pages {
        let address = format!("{}{page}", house.base_url);
        browser.open(&address);
        browser.value("document.querySelectorAll('details').forEach(details => details.open = true)");
        let seen = browser.seen();
        assert!(seen.dialogs.is_empty(), "{address}: {seen:#?}");
        let complaints: Vec<&String> = seen.complaints.iter().filter(|text| !text.contains("status of 404")).collect();
        assert!(complaints.is_empty(), "{address}: {complaints:#?}");
        assert_eq!(seen.requests, [address.as_str()]);
    }
}

/// Every vector in every field that a page shows.
fn hostile_feed() -> String {
    let escaped =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let item = |(place, vector): (usize, &&str)| {
        let text = escaped(vector);
        format!(
            "<item><guid isPermaLink=\"false\">{place}</guid><title>{text} x</title><link>{text}</link>\
             <description>{text}</description><content:encoded>{text} x alert</content:encoded>\
             <dc:creator>{text}</dc:creator><category domain=\"{text}\">{text}</category><comments>{text}</comments>\
             <enclosure url=\"{text}\" type=\"{text}\" length=\"1\"/><source url=\"{text}\">{text}</source>\
             <dc:rights>{text}</dc:rights></item>"
        )
    };
    let items: String = vectors::HTML.iter().chain(&vectors::ADDRESSES).enumerate().map(item).collect();
    let title = escaped("<script>alert(1)</script>");
    format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>{title}</title><link>javascript:alert(1)</link>\
         {items}<item><guid>last</guid><title>the last vector</title></item></channel></rss>"
    )
}
