use super::*;

#[test]
fn every_table_can_be_read() {
    for language in &LANGUAGES {
        for harmony in 0..Harmony::ALL.len() {
            if let Err(error) = language.read(harmony) {
                panic!("{}.txt: {error}", language.key);
            }
        }
    }
}

/// Every table stays small enough to be read by a person.
#[test]
fn no_table_outgrows_a_few_kilobytes() {
    for language in &LANGUAGES {
        assert!(language.text.len() < 8 * 1024, "{}.txt: {} bytes", language.key, language.text.len());
    }
}

/// Among the forms of `word` are all of `found` and none of `not_found`.
fn check(language: &str, word: &str, found: &str, not_found: &str) {
    let mut folded = Vec::new();
    folded_forms(word, language, false, &mut |form| folded.push(form.to_owned()));
    let shown: Vec<String> = forms(word, language).iter().map(|form| fold(form)).collect();
    for form in found.split_whitespace() {
        assert!(folded.contains(&fold(form)), "{language}: {word} has no {form}, only {folded:?}");
        assert!(shown.contains(&fold(form)), "{language}: {word} does not show {form}");
    }
    for form in not_found.split_whitespace() {
        assert!(!folded.contains(&fold(form)), "{language}: {word} has {form}");
    }
}

#[test]
fn bosnian_croatian_montenegrin_serbian() {
    check("hbs", "vojska", "vojske vojsci vojsku vojskom vojskama", "vojni vojsko");
    check("hbs", "војник", "војника војници војнике војницима војниче", "војни");
    check("hbs", "Kosovo", "Kosova Kosovu Kosovom", "Kosovar");
    check("hbs", "Srbija", "Srbije Srbiji Srbiju Srbijom", "srpski Srbi");
    check("hbs", "Srbin", "Srbi Srba Srbima Srbe Srbina", "");
    check("hbs", "ministar", "ministra ministri ministrima ministara", "ministarka");
    check("hbs", "bezbednost", "bezbednosti bezbednošću", "bezbedan bezbednosta");
    check("hbs", "Hrvatska", "Hrvatske Hrvatskoj Hrvatsku", "hrvatski");
    check("hbs", "kosovski", "kosovska kosovskog kosovskim kosovske", "Kosovo");
    check("hbs", "čovek", "ljudi čoveka", "");
    check("hbs", "terorizam", "terorizma terorizmom", "terorista");
    check("hbs", "tužilac", "tužioca tužioci tužilaca", "");
    check("hbs", "Đoković", "Djokovica Đokoviću Dokovica", "");
}

#[test]
fn slovene() {
    check("sl", "vojska", "vojske vojsko vojski vojsk", "vojak");
    check("sl", "Kosovo", "Kosova Kosovu Kosovom", "");
    check("sl", "začetek", "začetka začetku začetkov", "");
    check("sl", "odločitev", "odločitve odločitvijo", "");
    check("sl", "Slovenija", "Slovenije Sloveniji Slovenijo", "slovenski");
    check("sl", "vojaški", "vojaška vojaškega vojaških", "");
}

#[test]
fn macedonian() {
    check("mk", "војска", "војската војски војските", "војник");
    check("mk", "војник", "војникот војници војниците", "");
    check("mk", "министер", "министри министерот министрите", "");
    check("mk", "воен", "воената воени воените", "");
    check("mk", "безбедност", "безбедноста", "");
}

#[test]
fn bulgarian() {
    check("bg", "войска", "войската войски войските", "войник");
    check("bg", "войник", "войника войникът войници войниците", "");
    check("bg", "министър", "министри министърът министрите министъра", "");
    check("bg", "решение", "решението решения решенията", "");
    check("bg", "българин", "българи българите българина", "български");
    check("bg", "област", "областта области", "");
    check("bg", "промяна", "промени промените промяната", "");
    check("bg", "място", "места местата мястото", "");
}

#[test]
fn albanian() {
    check("sq", "Kosovë", "Kosova Kosovën Kosovës", "Kosovar");
    check("sq", "ushtar", "ushtari ushtarit ushtarë ushtarët ushtarëve", "ushtria");
    check("sq", "ushtri", "ushtria ushtrinë ushtrisë", "ushtar");
    check("sq", "Serbia", "Serbisë Serbinë Serbi", "serb");
    check("sq", "Beograd", "Beogradi Beogradit Beogradin", "");
}

#[test]
fn greek() {
    check("el", "στρατός", "στρατού στρατό στρατοί στρατών", "στρατιώτης");
    check("el", "στρατιώτης", "στρατιώτη στρατιώτες στρατιωτών", "");
    check("el", "Σερβία", "Σερβίας", "");
    check("el", "κυβέρνηση", "κυβέρνησης κυβερνήσεις κυβερνήσεων κυβερνήσεως", "");
    check("el", "νατοϊκός", "νατοϊκή νατοϊκών νατοϊκές", "");
}

#[test]
fn turkish() {
    check("tr", "asker", "askeri askerler askerlerin askerlere askerinden", "askerlik");
    check("tr", "ordu", "ordusu ordunun orduya ordularından", "");
    check("tr", "uçak", "uçağı uçaklar uçağın uçakta", "");
    check("tr", "sınır", "sınıra sınırında sınırı sınırından", "");
    check("tr", "fasıl", "faslı fasıllar faslın", "");
}

#[test]
fn german() {
    check("de", "Land", "Länder Ländern Landes", "");
    check("de", "Soldat", "Soldaten", "Soldatin");
    check("de", "serbisch", "serbische serbischen serbischer", "Serbe");
    check("de", "Mission", "Missionen", "");
    check("de", "Politiker", "Politikern Politikers", "Politik");
}

#[test]
fn english() {
    check("en", "army", "armies", "");
    check("en", "attack", "attacks attacked attacking", "attacker");
    check("en", "policeman", "policemen", "");
    check("en", "Serb", "Serbs", "Serbian Serbed");
}

#[test]
fn french_and_italian() {
    check("fr", "soldat", "soldats", "soldate");
    check("fr", "national", "nationaux nationale nationales", "");
    check("fr", "européen", "européenne européennes européens", "");
    check("it", "soldato", "soldati", "");
    check("it", "elezione", "elezioni", "");
    check("it", "conflitto", "conflitti", "");
    check("it", "banca", "banche", "");
    check("it", "italiano", "italiana italiane italiani", "");
}

#[test]
fn acronyms_take_the_endings_of_foreign_names() {
    check("any", "KFOR", "kfora Kforja Kforu kforom", "");
    check("sl", "KFOR", "kforja", "");
    check("any", "Frontex", "Frontexa Frontexov Frontexova", "");
}

#[test]
fn the_four_standards_have_the_endings_of_one_language() {
    for language in ["sr", "hr", "bs", "cnr", "sh", "hbs"] {
        check(language, "vojska", "vojskom vojsci", "");
    }
}

#[test]
fn a_word_for_any_language_has_the_forms_of_each() {
    check("any", "army", "armies", "");
    check("any", "vojska", "vojskom vojsci", "");
    check("any", "Kosovo", "Kosova Kosovu Kosovos", "");
    check("any", "KFOR", "", "kfors kforima");
}

#[test]
fn a_language_without_a_table_has_the_word_alone() {
    assert_eq!(forms("katona", "hu"), ["katona"]);
}

#[test]
fn forms_are_shown_once_and_the_word_comes_first() {
    assert_eq!(forms("Serb", "en"), ["Serb", "Serbs"]);
    assert_eq!(forms("Љубљана", "hbs")[..3], ["Љубљана", "Љубљане", "Љубљани"]);
    assert_eq!(forms("Đurđ", "hbs")[..3], ["Đurđ", "Đurđa", "Đurđu"]);
    assert_eq!(forms("војска", "hbs")[..3], ["војска", "војске", "војски"]);
}
