//! wrk, and one visitor of our own who looks at what the others will get.

use crate::Settings;
use crate::server::Server;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    Whole,
    Packed,
    NotModified,
}

impl Answer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "200",
            Self::Packed => "gzip",
            Self::NotModified => "304",
        }
    }
}

/// What a load cost the server, and how long its visitors waited.
#[derive(Debug, Clone)]
pub struct Load {
    pub cpu_us: f64,
    pub p99_ms: f64,
    pub a_second: f64,
}

impl Load {
    pub fn put(
        answer: Answer,
        server: &Server,
        address: SocketAddr,
        path: &str,
        settings: Settings,
    ) -> Result<Self, Box<dyn Error>> {
        let before = server.cpu_s();
        let seen = wrk(answer, address, path, settings)?;
        let cpu_s = server.cpu_s() - before;
        Ok(Self { cpu_us: cpu_s * 1e6 / seen.requests, p99_ms: seen.p99_ms, a_second: seen.a_second })
    }
}

/// What wrk tells.
pub struct Seen {
    pub requests: f64,
    pub a_second: f64,
    pub p99_ms: f64,
}

pub fn wrk(answer: Answer, address: SocketAddr, path: &str, settings: Settings) -> Result<Seen, Box<dyn Error>> {
    let mut command = Command::new("wrk");
    command.args(["-t1", &format!("-c{}", settings.connections), &format!("-d{}s", settings.seconds), "--latency"]);
    let header = match answer {
        Answer::Whole => String::new(),
        Answer::Packed => "Accept-Encoding: gzip".to_owned(),
        Answer::NotModified => format!("If-None-Match: {}", etag(address, path)?),
    };
    let asked = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    check(answer, &get(address, path, &asked)?)?;
    if !header.is_empty() {
        command.args(["-H", &header]);
    }
    let output = command.arg(format!("http://{address}{path}")).output()?;
    let text = String::from_utf8(output.stdout)?;
    let after = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in ")).map(|(number, _)| number);
    let seen = Seen {
        requests: number(requests).ok_or("wrk told no number of requests")?,
        a_second: number(after("Requests/sec:")).ok_or("wrk told no rate")?,
        p99_ms: after("99%").and_then(milliseconds).ok_or("wrk told no latency")?,
    };
    match after("Non-2xx or 3xx responses:").or(after("Socket errors:")) {
        Some(errors) => Err(format!("not all were answered well: {errors}").into()),
        None => Ok(seen),
    }
}

/// `850.00us`, `1.23ms`, `2.00s`.
fn milliseconds(text: &str) -> Option<f64> {
    let unit = text.find(char::is_alphabetic)?;
    let number: f64 = text[..unit].parse().ok()?;
    match &text[unit..] {
        "us" => Some(number / 1e3),
        "ms" => Some(number),
        "s" => Some(number * 1e3),
        _ => None,
    }
}

/// A load is worth nothing where it is answered otherwise.
fn check(answer: Answer, response: &Response) -> Result<(), Box<dyn Error>> {
    let is_packed = response.header("content-encoding").is_some_and(|coding| coding == "gzip");
    let is_right = match answer {
        Answer::Whole => response.status == 200 && !is_packed,
        Answer::Packed => response.status == 200 && is_packed,
        Answer::NotModified => response.status == 304,
    };
    match is_right {
        true => Ok(()),
        false => Err(format!("asked for {}, got {} {}", answer.name(), response.status, response.head).into()),
    }
}

fn etag(address: SocketAddr, path: &str) -> Result<String, Box<dyn Error>> {
    Ok(get(address, path, "")?.header("etag").ok_or("no ETag")?.to_owned())
}

/// What one visitor got.
pub struct Response {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

pub fn get(address: SocketAddr, path: &str, headers: &str) -> Result<Response, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no answer")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
    Ok(Response { status, head, body: bytes.split_off(end + 4) })
}

/// Until a server answers.
pub fn wait_for(address: SocketAddr, path: &str) -> Result<(), Box<dyn Error>> {
    for _ in 0..300 {
        if get(address, path, "").is_ok_and(|response| response.status == 200) {
            return Ok(());
        }
        sleep(Duration::from_millis(100));
    }
    Err(format!("{address} does not answer").into())
}
