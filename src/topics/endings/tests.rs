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
    check("hbs", "grad", "grada gradovi gradovima", "gradi gradio");
    check("hbs", "gas", "gasa gasom", "gasi gasiti");
    check("hbs", "dio", "dijela dijelovi dijelom", "");
    check("hbs", "seoba", "seobe seobi seobama", "");
    check("hbs", "otac", "oca ocu očevi", "");
    check("hbs", "dijete", "djeteta djeca djece", "");
    check("hbs", "tužilac", "tužioca tužioci tužilaca", "");
    check("hbs", "Đoković", "Djokovica Đokoviću Dokovica", "");
}

#[test]
fn slovene() {
    check("sl", "vojska", "vojske vojsko vojski vojsk", "vojak");
    check("sl", "Kosovo", "Kosova Kosovu Kosovom", "");
    check("sl", "začetek", "začetka začetku začetkov", "");
    check("sl", "odločitev", "odločitve odločitvijo", "");
    check("sl", "letalo", "letala letal letalom letali letalih", "");
    check("sl", "prevzem", "prevzema prevzemu", "");
    check("sl", "Atene", "Aten Atenah Atenam", "");
    check("sl", "Slovenija", "Slovenije Sloveniji Slovenijo", "slovenski");
    check("sl", "vojaški", "vojaška vojaškega vojaških", "");
}

#[test]
fn macedonian() {
    check("mk", "војска", "војската војски војските војскава војскана", "војник војникот воен");
    check("mk", "војник", "војникот војников војникон војници војниците војнику војника", "војска војнички");
    check("mk", "министер", "министри министерот министрите министеров", "министерка министерство");
    check("mk", "министерка", "министерката министерки министерките", "министер министерот");
    check("mk", "министерство", "министерството министерства министерствата", "министер");
    check("mk", "воен", "воената воени воените воениот воено военото", "војна");
    check("mk", "војна", "војната војни војните", "војник воен");
    check("mk", "безбедност", "безбедноста", "безбеден безбедно");
    check("mk", "област", "областа области областите", "");
    check("mk", "вест", "веста вести вестите", "");
    check("mk", "град", "градот градови градовите града", "градба градина");
    check("mk", "мост", "мостот мостови мостовите моста", "");
    check("mk", "воз", "возот возови возовите воза", "возило");
    check("mk", "орев", "оревот ореви оревите", "");
    check("mk", "напад", "нападот напади нападите напада", "напаѓа");
    check("mk", "народ", "народот народи народите", "народен");
    check("mk", "договор", "договорот договори договорите", "");
    check("mk", "избор", "изборот избори изборите", "");
    check("mk", "претседател", "претседателот претседатели претседателите претседателе", "претседателство");
    check("mk", "полицаец", "полицаецот полицајци полицајците полицаецов", "полиција");
    check("mk", "Македонец", "Македонецот Македонци Македонците Македонецов", "Македонија македонски");
    check("mk", "Албанец", "Албанецот Албанци Албанците", "Албанија");
    check("mk", "Србин", "Србинот Срби Србите", "Србија српски");
    check("mk", "Бугарин", "Бугаринот Бугари Бугарите", "Бугарија");
    check("mk", "граѓанин", "граѓанинот граѓани граѓаните", "");
    check("mk", "Македонија", "Македонијо", "македонски Македонец");
    check("mk", "Србија", "", "Србин српски");
    check("mk", "полиција", "полицијата полиции полициите полицијава", "полицаец");
    check("mk", "армија", "армијата армии армиите", "");
    check("mk", "акција", "акцијата акции акциите", "");
    check("mk", "влада", "владата влади владите владава", "владее");
    check("mk", "граница", "границата граници границите", "граничен");
    check("mk", "река", "реката реки реките", "речен");
    check("mk", "рака", "раката раце рацете", "");
    check("mk", "нога", "ногата нозе нозете", "");
    check("mk", "мисија", "мисијата мисии мисиите", "");
    check("mk", "бомба", "бомбата бомби бомбите", "");
    check("mk", "село", "селото села селата селово", "селски");
    check("mk", "собрание", "собранието собранија собранијата", "");
    check("mk", "движење", "движењето движења движењата", "");
    check("mk", "членство", "членството членства", "член");
    check("mk", "оружје", "оружјето оружја", "");
    check("mk", "поглавје", "поглавјето поглавја поглавјата", "");
    check("mk", "лице", "лицето лица лицата", "");
    check("mk", "море", "морето мориња морињата", "");
    check("mk", "име", "името имиња имињата", "");
    check("mk", "време", "времето времиња", "");
    check("mk", "дете", "детето деца децата", "");
    check("mk", "куче", "кучето кучиња кучињата", "");
    check("mk", "училиште", "училиштето училишта училиштата", "");
    check("mk", "човек", "човекот луѓе луѓето", "");
    check("mk", "брат", "братот браќа браќата", "");
    check("mk", "ден", "денот денови деновите дена дни", "");
    check("mk", "филм", "филмот филмови филмовите филма", "");
    check("mk", "терорист", "терористот терористи терористите", "тероризам");
    check("mk", "тероризам", "тероризмот", "терорист");
    check("mk", "механизам", "механизмот механизми механизмите", "");
    check("mk", "театар", "театарот театри театрите", "");
    check("mk", "метар", "метарот метри метрите метра", "");
    check("mk", "почеток", "почетокот почетоци почетоците", "");
    check("mk", "предлог", "предлогот предлози предлозите", "");
    check("mk", "успех", "успехот успеси успесите", "");
    check("mk", "трошок", "трошокот трошоци трошоците", "");
    check("mk", "случај", "случајот случаи случаите", "");
    check("mk", "крај", "крајот краишта", "");
    check("mk", "косовски", "косовскиот косовска косовската косовско косовските", "Косово");
    check("mk", "енергетски", "енергетската енергетските енергетскиот", "енергија");
    check("mk", "Косово", "", "косовски Косовар");
    check("mk", "Охрид", "", "охридски");
    check("mk", "безбедносен", "безбедносната безбедносни безбедносните безбедносно", "безбедност");
    check("mk", "граничен", "граничната гранични граничните граничниот", "граница");
    check("mk", "мировен", "мировната мировни мировните", "мир");
}

#[test]
fn bulgarian() {
    check("bg", "войска", "войската войски войските", "войник военен");
    check("bg", "войник", "войника войникът войници войниците", "войска войнишки");
    check("bg", "министър", "министри министърът министрите министъра", "министерство");
    check("bg", "министерство", "министерството министерства министерствата", "министър");
    check("bg", "решение", "решението решения решенията", "");
    check("bg", "българин", "българи българите българина българинът", "български България");
    check("bg", "сърбин", "сърби сърбите сърбина сърбинът", "сръбски Сърбия");
    check("bg", "албанец", "албанци албанците албанеца албанецът", "Албания албански");
    check("bg", "косовар", "косовари косоварите косоваря", "Косово косовски");
    check("bg", "област", "областта области областите", "");
    check("bg", "сигурност", "сигурността", "сигурен сигурно");
    check("bg", "нощ", "нощта нощи нощите", "нощен");
    check("bg", "вест", "вестта вести вестите", "вестник");
    check("bg", "промяна", "промени промените промяната", "");
    check("bg", "място", "места местата мястото", "");
    check("bg", "град", "града градът градове градовете", "градски");
    check("bg", "мост", "моста мостът мостове мостовете", "");
    check("bg", "влак", "влака влакът влакове влаковете", "");
    check("bg", "съюз", "съюза съюзът съюзи съюзите", "съюзник");
    check("bg", "договор", "договора договорът договори договорите", "");
    check("bg", "президент", "президента президентът президенти президентите", "президентски");
    check("bg", "председател", "председателя председателят председатели председателите", "");
    check("bg", "учител", "учителя учителят учители", "");
    check("bg", "полицай", "полицая полицаят полицаи полицаите", "полиция");
    check("bg", "край", "края краят краища краищата", "");
    check("bg", "бой", "боя боят боеве боевете", "");
    check("bg", "полиция", "полицията полиции", "полицай");
    check("bg", "армия", "армията армии армиите", "");
    check("bg", "страна", "страната страни страните", "");
    check("bg", "граница", "границата граници границите", "граничен");
    check("bg", "атака", "атаката атаки атаките", "атакува");
    check("bg", "ракета", "ракетата ракети ракетите", "");
    check("bg", "глава", "главата глави главите", "главен");
    check("bg", "ръка", "ръката ръце ръцете", "");
    check("bg", "село", "селото села селата", "селски");
    check("bg", "гориво", "горивото горива горивата", "");
    check("bg", "оръжие", "оръжието оръжия оръжията", "");
    check("bg", "членство", "членството", "член");
    check("bg", "правителство", "правителството правителства правителствата", "");
    check("bg", "училище", "училището училища училищата", "");
    check("bg", "име", "името имена имената", "");
    check("bg", "време", "времето времена", "");
    check("bg", "море", "морето морета моретата", "");
    check("bg", "сърце", "сърцето сърца сърцата", "");
    check("bg", "дете", "детето деца децата", "");
    check("bg", "поле", "полето полета полетата", "");
    check("bg", "човек", "човека човекът хора хората", "");
    check("bg", "брат", "брата братът братя братята", "");
    check("bg", "ден", "деня денят дни дните дена", "");
    check("bg", "път", "пътя пътят пътища пъти", "");
    check("bg", "метър", "метра метри метрите метърът", "");
    check("bg", "театър", "театри театърът театрите театъра", "");
    check("bg", "център", "центъра центърът центрове центровете", "");
    check("bg", "тероризъм", "тероризма тероризмът", "терорист");
    check("bg", "терорист", "терориста терористът терористи терористите", "тероризъм");
    check("bg", "механизъм", "механизма механизмът механизми механизмите", "");
    check("bg", "китаец", "китаеца китайци китайците китаецът", "");
    check("bg", "европеец", "европейци европейците европееца", "");
    check("bg", "сблъсък", "сблъсъка сблъсъкът сблъсъци сблъсъците", "");
    check("bg", "успех", "успеха успехът успехи успехите", "");
    check("bg", "диалог", "диалога диалогът диалози диалозите", "");
    check("bg", "свят", "света светът светове световете", "");
    check("bg", "вятър", "вятъра вятърът ветрове ветровете", "");
    check("bg", "част", "частта части частите", "");
    check("bg", "кръв", "кръвта", "");
    check("bg", "килограм", "килограма килограми", "");
    check("bg", "Косово", "", "косовски косовар");
    check("bg", "Сърбия", "", "сърбин сръбски");
    check("bg", "Балкани", "Балканите", "балкански");
    check("bg", "косовски", "косовския косовският косовска косовската косовско косовските", "Косово");
    check("bg", "граничен", "граничния граничният гранична граничната граничните гранични", "граница");
    check("bg", "военен", "военния военният военна военната военни военните", "война");
    check("bg", "ядрен", "ядрената ядрени ядрените ядреният ядрения", "ядро");
    check("bg", "енергиен", "енергийна енергийната енергийни енергийния", "енергия");
    check("bg", "енергия", "енергията енергии", "енергиен");
    check("bg", "газ", "газа газът газове", "");
    check("bg", "ток", "тока токът токове", "");
    check("bg", "нефт", "нефта нефтът", "нефтен");
    check("bg", "еврокомисар", "еврокомисаря еврокомисарят еврокомисари", "");
}

#[test]
fn albanian() {
    check("sq", "Kosovë", "Kosova Kosovën Kosovës", "Kosovar");
    check("sq", "ushtar", "ushtari ushtarit ushtarë ushtarët ushtarëve", "ushtria");
    check("sq", "ushtri", "ushtria ushtrinë ushtrisë", "ushtar");
    check("sq", "Serbia", "Serbisë Serbinë Serbi", "serb");
    check("sq", "Beograd", "Beogradi Beogradit Beogradin", "");
    check("sq", "kufi", "kufiri kufirit kufirin kufij kufijtë", "kufitar");
    check("sq", "fshat", "fshati fshatit fshatra fshatrat", "fshatar");
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
    check("de", "Ware", "Ware", "waren");
    check("de", "Weg", "Weges Wege", "wegen");
    check("de", "Politiker", "Politikern Politikers", "Politik");
}

#[test]
fn english() {
    check("en", "army", "armies", "");
    check("en", "attack", "attacks attacked attacking", "attacker");
    check("en", "policeman", "policemen", "");
    check("en", "German", "Germans", "");
    check("en", "strike", "struck strikes striking", "");
    check("en", "wolf", "wolves", "");
    check("en", "refinery", "refineries", "");
    check("en", "crisis", "crises", "");
    check("en", "train", "trains", "training");
    check("en", "car", "cars", "cared caring");
    check("en", "Serb", "Serbs", "Serbian Serbed");
}

#[test]
fn french_and_italian() {
    check("fr", "soldat", "soldats", "soldate");
    check("fr", "national", "nationaux nationale nationales", "");
    check("fr", "européen", "européenne européennes européens", "");
    check("fr", "américain", "américaine américaines américains", "");
    check("fr", "train", "trains", "traine");
    check("fr", "nouveau", "nouveaux nouvel nouvelle nouvelles", "");
    check("fr", "officiel", "officielle officielles officiels", "");
    check("fr", "gaz", "", "gazs gaze");
    check("it", "soldato", "soldati", "");
    check("it", "elezione", "elezioni", "");
    check("it", "conflitto", "conflitti", "");
    check("it", "banca", "banche", "");
    check("it", "arma", "armi", "");
    check("it", "uomo", "uomini", "");
    check("it", "senatore", "senatori senatrice senatrici", "senato");
    check("it", "città", "", "citti");
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
