//! A light guess at the language of a text, from the small words that every sentence has, the
//! endings that words like to have, and letters that few languages share. It knows the languages
//! of south-eastern Europe and their neighbours in the news, and rather says nothing than something
//! wrong. Bosnian, Croatian, Montenegrin and Serbian are one language here: nobody can tell them
//! apart from a headline.

use super::text::{beginning, plain};
use super::tokens::scan;
use crate::fold::fold;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A light guess at a text's language: a BCP 47 primary subtag (`hbs` for Bosnian, Croatian,
/// Montenegrin and Serbian), `None` where nothing is sure.
pub fn guess_language(text: &str) -> Option<&'static str> {
    let text = plain(beginning(text, MARKUP_BYTES_MAX));
    let text = beginning(&text, BYTES_MAX);
    let mut scores = [0_u32; PROFILES.len()];
    let mut letters = [0_u32; SCRIPTS];
    for letter in text.chars().filter(|letter| !letter.is_ascii()) {
        letters[Script::of(letter) as usize] += 1;
        for language in CLUES.letters.get(&letter).into_iter().flatten() {
            scores[*language] += LETTER_WEIGHT;
        }
    }
    letters[Script::Latin as usize] += text.bytes().filter(u8::is_ascii_alphabetic).count() as u32;
    let script = Script::ALL.into_iter().max_by_key(|script| letters[*script as usize])?;
    if letters[script as usize] == 0 {
        return None;
    }
    let is_candidate = |language: &usize| PROFILES[*language].scripts.contains(&script);
    if PROFILES.iter().filter(|profile| profile.scripts.contains(&script)).count() == 1 {
        return PROFILES.iter().find(|profile| profile.scripts.contains(&script)).map(|profile| profile.language);
    }
    scan(text, false, |_, folded| {
        let word = std::str::from_utf8(folded).unwrap_or_default();
        let clues = CLUES.words.get(word).map(|of| (of, WORD_WEIGHT));
        let ending = || last_letters(word).find_map(|end| CLUES.endings.get(end)).map(|of| (of, ENDING_WEIGHT));
        if let Some((of, weight)) = clues.or_else(ending) {
            // What many languages share says little about each of them.
            let candidates = || of.iter().filter(|language| is_candidate(language));
            let weight = weight / u32::try_from(candidates().count()).unwrap_or(1).max(1);
            candidates().for_each(|language| scores[*language] += weight);
        }
    });
    let mut ranked: Vec<usize> = (0..PROFILES.len()).filter(is_candidate).collect();
    ranked.sort_by_key(|language| std::cmp::Reverse(scores[*language]));
    let [best, second, ..] = ranked[..] else {
        return None;
    };
    let is_clear = scores[best] >= SCORE_MIN && scores[best] >= scores[second] + scores[second] / 6;
    is_clear.then(|| PROFILES[best].language)
}

/// The languages that have a folded word among the small ones of every sentence.
pub(super) fn everyday(word: &str) -> Vec<&'static str> {
    let languages = CLUES.words.get(word).into_iter().flatten();
    languages.map(|language| PROFILES[*language].language).collect()
}

/// What a language sounds like in its first lines, it sounds like to the end.
const BYTES_MAX: usize = 600;
/// Where text is that long behind its markup, if there is any.
const MARKUP_BYTES_MAX: usize = 4 * BYTES_MAX;

/// A frequent word that only one language has.
const WORD_WEIGHT: u32 = 12;
/// A letter that few have.
const LETTER_WEIGHT: u32 = 6;
/// An ending, as other languages have words that happen to end so.
const ENDING_WEIGHT: u32 = 4;
/// One word that several share is not enough.
const SCORE_MIN: u32 = 8;

/// The last four, three and two letters of a word that has more than those.
fn last_letters(word: &str) -> impl Iterator<Item = &str> {
    let at = |count: usize| word.char_indices().rev().nth(count - 1).map(|(at, _)| at).filter(|at| *at > 1);
    [4, 3, 2].into_iter().filter_map(at).map(|at| &word[at..])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Other,
}

const SCRIPTS: usize = 4;

impl Script {
    const ALL: [Self; SCRIPTS] = [Self::Other, Self::Greek, Self::Cyrillic, Self::Latin];

    fn of(letter: char) -> Self {
        match letter {
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            _ => Self::Other,
        }
    }
}

/// All clues by what they are, each with the languages that it speaks for.
struct Clues {
    words: HashMap<String, Vec<usize>>,
    endings: HashMap<String, Vec<usize>>,
    letters: HashMap<char, Vec<usize>>,
}

static CLUES: LazyLock<Clues> = LazyLock::new(|| {
    let mut clues = Clues { words: HashMap::new(), endings: HashMap::new(), letters: HashMap::new() };
    let add = |of: &mut Vec<usize>, language| {
        if !of.contains(&language) {
            of.push(language);
        }
    };
    for (language, profile) in PROFILES.iter().enumerate() {
        for word in profile.words.split_whitespace() {
            add(clues.words.entry(fold(word)).or_default(), language);
        }
        for ending in profile.endings.split_whitespace() {
            add(clues.endings.entry(fold(ending)).or_default(), language);
        }
        for letter in profile.letters.chars() {
            add(clues.letters.entry(letter).or_default(), language);
            letter.to_uppercase().for_each(|upper| add(clues.letters.entry(upper).or_default(), language));
        }
    }
    clues
});

struct Profile {
    language: &'static str,
    scripts: &'static [Script],
    letters: &'static str,
    words: &'static str,
    endings: &'static str,
}

/// Words are compared without their marks and, for Cyrillic, in Latin; only languages of the same
/// script are compared with one another.
const PROFILES: [Profile; 15] = [
    Profile {
        language: "hbs",
        scripts: &[Script::Latin, Script::Cyrillic],
        letters: "ćđšžčђћљњџј",
        words: "u i je su se na za od da ne sa s iz o do po će što koji koja koje kao ali nije biti kod pri nakon \
            posle poslije pre prije protiv zbog kako bez više već još samo ili ima nema bi bio bila bilo sam smo \
            ovo ova ovaj taj to ta te njegov sve svi preko između tokom tijekom oko gde gdje kada dok jer prema \
            danas juče jučer novi nova nove godine godina dana odsto posto ministar predsednik predsjednik vlada \
            kaže rekao deset dva tri pet sto skupština bih ako sada mogu svoj svoju međutim nekoliko \
            nego toga koju može također takođe put iako uz bolje kad moraju bili neće kojima treba među dalje dio deo \
            zakon osim njih ga ih imaju dobro zemlje zemalja države ljudi godinu mora svaki",
        endings: "ima ama og oga om oj ije ija iju nje nja nju ili ali ala ila alo ski ska ske sku ski čki ost osti \
            uje uju ovi ova ove eva evi ić ića ska nik nici nika ao anja nu ku cu lu ru tu vu mu iju om",
    },
    Profile {
        language: "sl",
        scripts: &[Script::Latin],
        letters: "čšž",
        words: "v in je so se na za od da ne s z iz o do po bo ki kot ali ni biti pri pred proti zaradi kako brez več \
            že še samo ima nima bi bil bila bilo sem smo to ta te njegov vse vsi preko med okoli kjer ko ker danes \
            včeraj novi nova nove leto leta let dni odstotkov minister predsednik vlada dejal pravi dva tri pet \
            tudi pa naj bodo ob k h lahko čez po med vendar le tako drugi prvi slovenski slovenija svoje \
            jih tem ga nekaj ter niso zato vseh predvsem zelo bili tega saj oziroma veliko bolj jim imajo potem torej \
            zdaj letih ljudi države gre mora res svojo nam katere kateri celo ji toda prihodnje glede kar kaj",
        endings: "ega emu imi ami ih jo ijo nje nja nju ili ali ala ila ski ska ske skem ost osti uje ujejo ovi ov ev \
            iti ati eni ejo ajo ljen jski jem nik niki vih nih kih tve tvu ico ostjo no ncev cev kov",
    },
    Profile {
        language: "sq",
        scripts: &[Script::Latin],
        letters: "ëç",
        words: "të e në i dhe për me së nga një që u si është do por ka më ndaj pas para ku kur janë kjo ky ata ajo \
            ishte nuk edhe tek te deri kanë mund duke gjatë mes rreth pa sipas shumë vetëm tha thotë ai kundër \
            ministri kryeministri presidenti qeveria vit vjet ditë dy tre pesë ora sot dje ia iu po ose apo cila çdo \
            mos këtë tij asnjë tjetër prej gjithë nuk janë dhe shi tani pse sepse këto disa kësaj ky vitit parë",
        endings: "ve it in ës ët ën at ar uar uara imin imit imi shme sht ish esh eve ave rit rin tari tarë ojë oi on \
            hen het jnë sinë sisë cinë risë rinë isë inë tur ndet jen vet shëm ria ohet",
    },
    Profile {
        language: "mk",
        scripts: &[Script::Cyrillic],
        letters: "ѓќѕљњџј",
        words: "на и во се да од за со го не ги е што по ќе при до како или тоа кој која кои но сè ја му нема има по \
            меѓу без само уште против пред бидат биде беше веќе нов нова нови година години дена два три пет сто \
            министерот министер претседателот претседател владата вели рече изјави поради според денеска вчера \
            таа тие овој оваа секој откако дека два двајца крај кај врз",
        endings: "от та то те ата ите ото ето ење ање ња иот ниот киот ски ска ско ува уваат ија иите аат ил ала \
            иле але ени ана ано вме ност носта иќ",
    },
    Profile {
        language: "bg",
        scripts: &[Script::Cyrillic],
        letters: "ъщюяйь",
        words: "на и в се да от за с със го не ги е са че по ще при до като или това който която които но я му няма \
            има между без само още срещу пред бъдат бъде беше вече нов нова нови година години дни два две три пет \
            сто министърът министър президентът президент правителството каза заяви заради според днес вчера тя те \
            този тази всеки след във към през над под през край близо около как какво ни си им най ли де",
        endings: "ът ят ата ите ото ето ият ията ията ане ени ение ения ният кия ски ска ско ва ват ия ии ил ала \
            или али ана ано ност ността иха аха ва ната",
    },
    Profile {
        language: "ru",
        scripts: &[Script::Cyrillic],
        letters: "ыэёщюяйь",
        words: "и в не на я что с со по к а из у за от о как это для он она они но его её их или же бы был была было \
            были при до после над под без тоже ещё уже все только между во об есть нет два три пять сто лет года год \
            году дней президент министр правительство заявил сказал сообщил против из-за который которая которые \
            сегодня вчера также чем где когда если будет будут стал стала россии",
        endings: "ого его ому ему ый ий ая ое ые ых ых ой ей ами ями ах ях ения ение ений ость ости ть ться ться ется \
            ются ал ала али или ила ами ков ция ции цию ским ских ской",
    },
    Profile {
        language: "uk",
        scripts: &[Script::Cyrillic],
        letters: "іїєґщюяйь",
        words: "і в не на я що з зі по до а із у за від о як це для він вона вони але його її їх або ж би був була \
            було були при після над під без теж ще вже всі тільки між про є немає два три п'ять сто років року рік \
            днів президент міністр уряд заявив сказав повідомив проти через який яка які сьогодні вчора також ніж \
            де коли якщо буде будуть став та й",
        endings: "ого ому ий ій а є ої ою ами ями ах ях ення ень ість ості ти тись ється ються ав ала или ила ків ція \
            ції цію ським ських ської ував",
    },
    Profile {
        language: "tr",
        scripts: &[Script::Latin],
        letters: "ğışçöü",
        words: "ve bir bu da de için ile olarak olan çok daha en ne gibi kadar sonra önce var yok ama o ki mi mı her \
            şey iki üç beş yüz yıl gün yeni büyük ilk son dedi etti oldu olduğu göre karşı arasında üzerinde \
            tarafından ancak ya hem değil bakan bakanı başkan başkanı cumhurbaşkanı hükümet bugün dün edildi \
            ediyor yapıldı kişi türkiye ise ardından",
        endings: "lar ler ları leri dan den tan ten nın nin nun nün ndan nden nda nde daki deki yor dı di du dü tı ti \
            mış miş ması mesi lık lik luk lük ını ini unu ünü ında inde sı ları acak ecek ildi ıldı aları",
    },
    Profile {
        language: "de",
        scripts: &[Script::Latin],
        letters: "äöüß",
        words: "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine einen einer eines als auch \
            es an werden aus er hat dass sie nach wird bei noch wie über so zum zur haben nur oder aber vor bis mehr \
            durch man sein wurde wurden sind war gegen vom kann schon wenn unter um am zwei drei fünf jahr jahre tage \
            neue neuen sagt will soll seit wegen zwischen ohne ihre ihr minister regierung präsident \
            ich wir sehr hatte immer habe uns waren hier gibt einem keine diese muss wieder prozent sondern damit \
            dieser heute weiter ihren sollte doch bereits gegen laut beim",
        endings: "ung ungen heit keit lich ischen isch ische chen schaft ern eln ten sen gen ben den nen igen iger ige \
            ische ierung ierte iert kraft fahrt rung tung",
    },
    Profile {
        language: "en",
        scripts: &[Script::Latin],
        letters: "",
        words: "the of and to in a is that for it as was with be by on not he his but at are this have from or had an \
            they which one were all we there been has their more will would who when can if no out so said what up \
            its about into than them two three five new after over could also says say amid against between during \
            before under while year years day days minister president government how why at off back last first \
            near against people you my very get just any some us should well did our because most him these \
            only then too around such see take still your world court says",
        endings: "ing tion tions ment ness ship ed ly ers ies ous ity ant ght ence ance able ible less ful ught ould \
            ck ks th sh lls ssion ry",
    },
    Profile {
        language: "fr",
        scripts: &[Script::Latin],
        letters: "éèêàçùœ",
        words: "de la le les et des en un une du dans est que qui pour par sur au aux avec plus ne se pas il elle ce \
            cette ces son sa ses sont ont été être a à l d s n qu mais ou où comme entre après avant sans sous \
            contre depuis leur leurs deux trois cinq cent ans an jours nouveau nouvelle selon face vers chez ministre \
            président gouvernement fait encore toujours dont lors",
        endings: "tion tions ment eur eurs euse aux ent ait aient eux ique iques ois oise ais aise ée ées és ille \
            ance ence elle ette tre ité lle vre ine",
    },
    Profile {
        language: "it",
        scripts: &[Script::Latin],
        letters: "àèìòù",
        words: "di e il la che in a per un una del della dei delle degli nel nella al alla alle ai con si non da dal \
            dalla sono è ha hanno le lo i gli come più ma o se su sul sulla suo sua anche questo questa tra fra dopo \
            prima contro senza due tre cinque cento anni anno giorni nuovo nuova secondo verso ministro presidente \
            governo stato essere l d c ancora già dove quando",
        endings: "zione zioni mento menti ità are ere ire ato ata ati ate uto ello ella elli elle ino ini iamo ano ono \
            etto etti oso osa ista isti aggio ezza anza enza ale ali iere ieri tore tori",
    },
    Profile {
        language: "ro",
        scripts: &[Script::Latin],
        letters: "ăâîșțşţ",
        words: "și de la în a cu pe din un o care că pentru nu este sunt mai se al ale ai au fi fost prin ca dar sau \
            după înainte între fără sub către până când cum unde doi două trei cinci sute ani an zile nou nouă noi \
            potrivit împotriva ministrul președintele guvernul spus declarat va vor despre lui lor ei el",
        endings: "ul ului ilor elor lor ea ii iei iile are ată ați ează ește ește escu rea rii ție ții ția ciune ător \
            toare ist ism ent ente tul lui",
    },
    Profile {
        language: "hu",
        scripts: &[Script::Latin],
        letters: "őűáéíóöúü",
        words: "a az és hogy nem is egy ez azt de van már csak meg ki mint volt még el ha lehet vagy után előtt között \
            ellen nélkül alatt felé lesz lett két három öt száz év évek nap új szerint miatt miniszter elnök kormány \
            mondta közölte ma tegnap pedig ezt be fel le sem itt ott mert akkor",
        endings: "ban ben nak nek ból ből tól től hoz hez val vel ság ség ság ok ek ak ot et át ét ra re ról ről \
            tak tek ott ett ása ése ását",
    },
    Profile { language: "el", scripts: &[Script::Greek], letters: "", words: "", endings: "" },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: &str, texts: &[&str]) {
        for text in texts {
            assert_eq!(guess_language(text).unwrap_or("none"), language, "{text}");
        }
    }

    #[test]
    fn headlines_are_enough() {
        check(
            "hbs",
            &[
                "Кфор појачао патроле на северу Косова",
                "Vojska je u stanju pripravnosti",
                "Vlada usvojila budzet za sledecu godinu",
            ],
        );
        check("sl", &["Vlada je sprejela proračun za prihodnje leto", "Slovenski vojaki odhajajo v novo misijo"]);
        check("mk", &["Владата го усвои буџетот за следната година", "Војниците заминуваат во нова мисија"]);
        check("bg", &["Правителството прие бюджета за следващата година", "Войниците заминават на нова мисия"]);
        check("sq", &["Qeveria miratoi buxhetin për vitin e ardhshëm", "Ushtarët nisen në mision të ri"]);
        check("el", &["Η κυβέρνηση ενέκρινε τον προϋπολογισμό", "Κόσοβο"]);
        check("tr", &["Hükümet gelecek yılın bütçesini onayladı", "Askerler yeni bir görev için yola çıktı"]);
        check("de", &["Die Regierung beschließt den Haushalt", "Soldaten brechen zu neuem Einsatz auf"]);
        check("en", &["Government approves the budget for next year", "Soldiers leave for a new mission"]);
        check(
            "fr",
            &["Le gouvernement adopte le budget de l'année prochaine", "Des soldats partent pour une nouvelle mission"],
        );
        check("it", &["Il governo approva il bilancio del prossimo anno", "I soldati partono per una nuova missione"]);
        check("ro", &["Guvernul a aprobat bugetul pentru anul viitor"]);
        check("hu", &["A kormány elfogadta a jövő évi költségvetést"]);
        check("ru", &["Правительство приняло бюджет на следующий год"]);
        check("uk", &["Уряд ухвалив бюджет на наступний рік"]);
    }

    #[test]
    fn says_nothing_where_nothing_is_sure() {
        check("none", &["", "2024", "NATO", "КФОР", "!!!", "Bayraktar TB2", "日本語"]);
    }

    #[test]
    fn markup_speaks_no_language() {
        let markup = "<p><a href=\"https://example.org/the/and/of\"><i>";
        check("hbs", &[format!("{markup}Војска Србије је данас у Београду.</i></a></p>").as_str()]);
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        check("hbs", &["Војска Србије је данас у Београду. ".repeat(100).as_str()]);
        check("hbs", &[format!("x{}", "Војска Србије је данас у Београду. ".repeat(100)).as_str()]);
    }
}
