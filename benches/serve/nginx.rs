//! nginx over the same bytes as files, packed beforehand, with one worker and nothing else to do.

use crate::publisher::free_address;
use crate::server::Server;
use crate::visitors::{get, wait_for};
use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

pub struct Nginx {
    server: Server,
    address: SocketAddr,
}

/// Whether a program can be started.
pub fn is_there(program: &str) -> bool {
    Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Nginx {
    /// Serves what `origin` hands out under `path`.
    pub fn start(folder: &Path, origin: SocketAddr, path: &str) -> Result<Self, Box<dyn Error>> {
        let file = folder.join("files").join(path.trim_start_matches('/'));
        fs::create_dir_all(file.parent().ok_or("no folder")?)?;
        fs::write(&file, get(origin, path, "")?.body)?;
        fs::write(file.with_extension("atom.gz"), get(origin, path, "Accept-Encoding: gzip\r\n")?.body)?;
        let address = free_address()?;
        let config = folder.join("nginx.conf");
        fs::write(&config, configuration(folder, address))?;
        let server = Server::start(Command::new("nginx").arg("-c").arg(&config).arg("-p").arg(folder))?;
        wait_for(address, path)?;
        Ok(Self { server, address })
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// As its handbook advises for files, without a log.
fn configuration(folder: &Path, address: SocketAddr) -> String {
    let folder = folder.display();
    // Started by root it would have its files read by somebody who may not enter the folder.
    let user = if fs::metadata("/proc/self").is_ok_and(|of| std::os::unix::fs::MetadataExt::uid(&of) == 0) {
        "user root;"
    } else {
        ""
    };
    format!(
        "{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=100;
  types {{ application/atom+xml atom; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {address};
    root {folder}/files;
    gzip_static on;
    gzip_vary on;
    add_header Cache-Control \"max-age=300\";
  }}
}}
"
    )
}
