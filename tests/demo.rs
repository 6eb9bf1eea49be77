//! The demo as somebody meets it who tries glasnik for the first time.

use glasnik::demo::Demo;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// Far longer than anything here takes; a hanging test should end.
const PATIENCE: Duration = Duration::from_secs(30);

async fn get(base_url: &str, path: &str) -> String {
    let address = base_url.strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')).expect("an address");
    let address: SocketAddr = address.parse().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8(answer).expect("UTF-8")
}

async fn until(base_url: &str, path: &str, is_so: impl Fn(&str) -> bool) -> String {
    let start = Instant::now();
    loop {
        let answer = get(base_url, path).await;
        if is_so(&answer) {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "never so: {path}: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One headline of each sample that can be read, all of them on security.
const SECURITY: [&str; 6] = [
    "KFOR steps up patrols along the boundary in northern Kosovo",
    "Kfor pojačao patrole na severu Kosova",
    "Министри одбране: Кфор остаје на северу Косова",
    "KFOR-i shton patrullat në veri të Kosovës",
    "КФОР и војската на заедничка вежба кај границата со Косово",
    "Bundestag berät über den KFOR-Einsatz im Kosovo",
];

const LEISURE: [&str; 6] = [
    "Rowing club from Novi Sad",
    "Fudbal: domaći slavili",
    "Кошарка: трећа победа",
    "Futboll: barazim",
    "Фудбал: победа",
    "Rukomet: gosti iz Prištine",
];

/// The titles of a JSON Feed's items that hold `text`.
fn titles_with(answer: &str, text: &str) -> Vec<String> {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let feed: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let titles = feed["items"].as_array().expect("items").iter().filter_map(|item| item["title"].as_str());
    titles.filter(|title| title.contains(text)).map(str::to_owned).collect()
}

fn has_all(answer: &str, texts: &[&str]) -> bool {
    texts.iter().all(|text| answer.contains(text))
}

#[tokio::test]
async fn shows_where_to_look_and_stops_without_a_trace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasnik"));
    command.arg("demo").env("TMPDIR", folder.path()).env_remove("GLASNIK_LOG").env_remove("GLASNIK_CONFIG");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let address =
        lines.map_while(Result::ok).map(|line| line.trim().to_owned()).find(|line| line.starts_with("http://"));
    let base_url = address.expect("it says where to look");

    until(&base_url, "feeds/all.atom", |answer| has_all(answer, &SECURITY) && has_all(answer, &LEISURE)).await;
    until(&base_url, "status", |answer| has_all(answer, &["HTML", "moved to", "bare ampersand"])).await;

    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0, "nothing stays behind");
}

#[tokio::test]
async fn tags_in_six_languages_joins_copies_and_shows_what_is_new() {
    let demo = Demo::start("127.0.0.1:0".parse().expect("an address")).await.expect("it starts");
    let base_url = demo.base_url().to_owned();
    let (news, has_news) = oneshot::channel::<()>();
    let (stop, stopped) = oneshot::channel::<()>();
    let until_told = |told: oneshot::Receiver<()>| async {
        let _ = told.await;
    };
    let playing = tokio::spawn(demo.play(until_told(has_news), until_told(stopped)));

    let security = until(&base_url, "feeds/western-balkans-security.json", |answer| has_all(answer, &SECURITY)).await;
    for leisure in LEISURE {
        assert!(!security.contains(leisure), "{leisure}");
    }
    let all =
        until(&base_url, "feeds/all.json", |answer| has_all(answer, &["at half capacity", "pass a winter test"])).await;
    assert_eq!(titles_with(&all, "Gas interconnector").len(), 1, "a copy is not shown again");
    for (output, headlines) in [
        (
            "energy",
            [
                "Gas interconnector",
                "Termoelektrana u remontu",
                "Гасовод са Бугарском",
                "Gazsjellësi",
                "Гасоводот",
                "Ölpipeline",
            ],
        ),
        (
            "eu-enlargement",
            [
                "closing two accession",
                "otvaranje klastera",
                "ближа чланству",
                "grupkapitullin",
                "преговорите со",
                "EU-Beitritt",
            ],
        ),
    ] {
        let answer = until(&base_url, &format!("feeds/{output}.json"), |answer| has_all(answer, &headlines)).await;
        for leisure in LEISURE {
            assert!(!answer.contains(leisure), "{output}: {leisure}");
        }
    }
    assert!(!all.contains("Unexploded shell") && !all.contains("Jarinju"));

    news.send(()).expect("the demo waits for it");
    let after = until(&base_url, "feeds/western-balkans-security.json", |answer| {
        has_all(answer, &["Unexploded shell found near Mitrovica", "Кфор уклонио препреку", "na Jarinju duže čekanje"])
    })
    .await;
    assert_eq!(titles_with(&after, "KFOR steps up patrols").len(), 1);
    until(&base_url, "feeds/all.json", |answer| answer.contains("kfor-patrols?utm_source=tramontana")).await;

    stop.send(()).expect("the demo waits for it");
    let ended = tokio::time::timeout(PATIENCE, playing).await.expect("in time").expect("no panic");
    assert!(ended.is_ok(), "{ended:?}");
}
