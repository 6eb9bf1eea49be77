//! Chromium without a window, spoken to over its DevTools pipe: JSON, each message ended by a zero
//! byte. It notes everything that a page should not do.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Far longer than anything here takes; a hanging test should end.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Chromium {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last_id: u64,
    /// What the pages did since somebody looked.
    seen: Seen,
    is_loaded: bool,
    _profile: TempDir,
}

/// What pages did that somebody may mind.
#[derive(Debug, Default)]
pub struct Seen {
    /// The texts of dialogs: what hostile markup opens to show that it runs.
    pub dialogs: Vec<String>,
    /// Errors and warnings in the console, a refused script among them.
    pub complaints: Vec<String>,
    /// Every address that was asked for.
    pub requests: Vec<String>,
}

impl Chromium {
    /// Starts one, or says loudly that there is none.
    pub fn start() -> Option<Self> {
        let Some(program) = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| is_there(name))
        else {
            eprintln!("SKIPPED: no Chromium is installed, so no page was opened; `./check` installs one");
            return None;
        };
        let profile = tempfile::tempdir().expect("a temporary folder");
        // Its pipe is at 3 and 4, which only a shell can put there.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null", program])
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("DevTools speak JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let (seen, session) = (Seen::default(), None);
        let mut browser =
            Self { child, input, messages, session, last_id: 0, seen, is_loaded: false, _profile: profile };
        browser.attach();
        Some(browser)
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = self.call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}));
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        self.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
    }

    /// Asks DevTools for something and waits for the answer.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(id, method, &parameters);
        loop {
            let message = self.next();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
        }
    }

    /// Opens a page and waits until it is loaded.
    pub fn open(&mut self, address: &str) {
        self.is_loaded = false;
        let answer = self.call("Page.navigate", json!({ "url": address }));
        assert!(answer.get("errorText").is_none(), "{address}: {answer}");
        while !self.is_loaded {
            self.next();
        }
    }

    /// What an expression is worth in the page, once it is settled.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// What was seen since the last time.
    pub fn seen(&mut self) -> Seen {
        // Whatever the page has begun is told before this is answered.
        self.value("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))");
        std::mem::take(&mut self.seen)
    }

    fn send(&mut self, id: u64, method: &str, parameters: &Value) {
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).expect("Chromium listens");
    }

    fn next(&mut self) -> Value {
        let message = self.messages.recv_timeout(PATIENCE).expect("Chromium answers in time");
        let about = &message["params"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match message["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => self.is_loaded = true,
            "Page.javascriptDialogOpening" => {
                self.seen.dialogs.push(text(&about["message"]));
                self.last_id += 1;
                self.send(self.last_id, "Page.handleJavaScriptDialog", &json!({"accept": true}));
            }
            "Log.entryAdded" => self.seen.complaints.push(about["entry"].to_string()),
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" => self.seen.complaints.push(about.to_string()),
            "Network.requestWillBeSent" => self.seen.requests.push(text(&about["request"]["url"])),
            _ => {}
        }
        message
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.session = None;
        self.last_id += 1;
        self.send(self.last_id, "Browser.close", &json!({}));
        let _ = self.child.wait();
    }
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}
