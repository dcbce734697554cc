//! What each command does, from the first line it prints to its exit code.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::{App, EXIT_FAILURE, EXIT_USAGE, StartError, logging};
use crate::config::{Command, Settings};
use crate::demo;
use crate::http::server::ListenError;

/// Time the readiness question may take: shorter than the 3 s and more that container health
/// checks commonly allow.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// Seed of the sample backend and its traffic: every tour looks the same.
const DEMO_SEED: u64 = 7;

/// Requests the demo sends through the double before it hands over.
const DEMO_REQUESTS: usize = 400;

/// Runs a command to its end.
#[must_use]
pub fn run(command: Command) -> ExitCode {
    match command {
        Command::Serve(settings) => {
            logging::start(settings.log_format);
            finish(actix::System::new().block_on(serve(*settings)))
        }
        Command::Demo { settings, backend_port, backend_only } => {
            logging::start(settings.log_format);
            let system = actix::System::new();
            if backend_only {
                finish(system.block_on(demo_backend(settings.listen)))
            } else {
                finish(system.block_on(demo_tour(*settings, backend_port)))
            }
        }
        Command::Health { url } => health(&url),
        Command::Unavailable(name) => {
            eprintln!("stunt-double: `{name}` is not available in this version");
            ExitCode::from(EXIT_USAGE)
        }
    }
}

/// How a command ended early: its line and its exit code.
struct Ended {
    line: String,
    code: u8,
}

impl From<StartError> for Ended {
    fn from(error: StartError) -> Self {
        Self { line: error.to_string(), code: error.exit_code() }
    }
}

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        Self { line: error.to_string(), code: EXIT_FAILURE }
    }
}

fn finish(outcome: Result<(), Ended>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended { line, code }) => {
            eprintln!("stunt-double: {line}");
            ExitCode::from(code)
        }
    }
}

async fn serve(settings: Settings) -> Result<(), Ended> {
    let stopping = StopSignals::listen()?;
    log::info!("backend {}, seed `{}`", settings.target, settings.seed.0);
    let app = App::start(settings).await?;
    announce(&app)?;
    stopping.wait().await;
    stop(app).await
}

async fn demo_backend(listen: SocketAddr) -> Result<(), Ended> {
    let stopping = StopSignals::listen()?;
    let listener = bind(listen)?;
    println!("listening on http://{}", listener.local_addr()?);
    let server = demo::Backend::seeded(DEMO_SEED).serve(listener)?;
    let handle = server.handle();
    let running = actix::spawn(server);
    stopping.wait().await;
    handle.stop(false).await;
    let _ended = running.await;
    Ok(())
}

async fn demo_tour(mut settings: Settings, backend_port: u16) -> Result<(), Ended> {
    let stopping = StopSignals::listen()?;
    let listener = bind(([127, 0, 0, 1], backend_port).into())?;
    let backend = format!("http://{}", listener.local_addr()?);
    let server = demo::Backend::seeded(DEMO_SEED).serve(listener)?;
    let handle = server.handle();
    let running = actix::spawn(server);
    settings.target = backend
        .parse()
        .map_err(|line| Ended { line: format!("sample backend: {line}"), code: EXIT_FAILURE })?;
    let prefix = settings.admin.prefix.as_str().to_owned();
    let guarded = settings.admin.token.is_some();
    let app = App::start(settings).await?;
    announce(&app)?;
    let base = format!("http://{}", app.address());
    let admin = format!("http://{}{prefix}", app.admin_address().unwrap_or(app.address()));
    println!("sample backend on {backend}; sending it {DEMO_REQUESTS} requests …");
    let report = demo::send_traffic(&base, DEMO_REQUESTS, DEMO_SEED).await;
    app.learning().flush().await.map_err(|e| Ended { line: e.to_string(), code: EXIT_FAILURE })?;
    let statuses: Vec<String> =
        report.statuses.iter().map(|(status, count)| format!("{count} x {status}")).collect();
    println!("answered in {:.1} s: {}", report.took.as_secs_f64(), statuses.join(", "));
    println!("{}", tour(&base, &admin, guarded));
    std::io::stdout().flush()?;
    stopping.wait().await;
    let stopped = stop(app).await;
    handle.stop(false).await;
    let _ended = running.await;
    stopped
}

/// What a newcomer can try next, ready to be pasted.
///
/// `base` and `admin` are the URLs of the double and of its admin, `guarded` tells whether the
/// admin asks for a token. The token itself is not printed: terminals are recorded and shared.
fn tour(base: &str, admin: &str, guarded: bool) -> String {
    let auth = if guarded { "-H \"Authorization: Bearer $ADMIN_TOKEN\" " } else { "" };
    let steps = [
        (format!("curl {auth}{admin}/endpoints"), "what it has learned"),
        (format!("curl -i {base}/users/7"), "proxied"),
        (format!("curl -i -H 'X-Mock-Enabled: true' {base}/users/7"), "mocked"),
        (format!("curl {auth}'{admin}/explain?path=/users/7'"), "why"),
        (format!("open {admin}/docs"), "the whole admin API"),
    ];
    let width = steps.iter().map(|(command, _what)| command.len()).max().unwrap_or_default();
    let mut text = String::from("\nThe double has learned the sample backend. Try:\n");
    for (command, what) in steps {
        text.push_str(&format!("  {command:width$}   {what}\n"));
    }
    text.push_str("Stop with Ctrl-C.");
    text
}

fn announce(app: &App) -> std::io::Result<()> {
    println!("listening on http://{}", app.address());
    if let Some(admin) = app.admin_address() {
        println!("admin on http://{admin}");
    }
    std::io::stdout().flush()
}

async fn stop(app: App) -> Result<(), Ended> {
    log::info!("stopping");
    app.stop().await.map_err(|line| Ended { line, code: EXIT_FAILURE })?;
    log::info!("stopped");
    Ok(())
}

fn bind(address: SocketAddr) -> Result<TcpListener, Ended> {
    TcpListener::bind(address)
        .map_err(|error| StartError::Listen(ListenError { address, error }).into())
}

/// SIGTERM and SIGINT, caught from the start on, so that an early one is not lost.
struct StopSignals {
    term: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Asks a double whether it is ready.
fn health(url: &str) -> ExitCode {
    match ask(url) {
        Ok(status) if status.contains(" 200 ") => ExitCode::SUCCESS,
        Ok(status) => {
            eprintln!("stunt-double: not ready: {}", status.trim_end());
            ExitCode::from(EXIT_FAILURE)
        }
        Err(error) => {
            eprintln!("stunt-double: not reachable: {error}");
            ExitCode::from(EXIT_FAILURE)
        }
    }
}

/// The status line of a GET; plain HTTP, because the double speaks nothing else.
fn ask(url: &str) -> std::io::Result<String> {
    let invalid = || std::io::Error::other(format!("`{url}` is no http:// URL"));
    let parsed = url::Url::parse(url).map_err(|_| invalid())?;
    let host = parsed.host_str().filter(|_| parsed.scheme() == "http").ok_or_else(invalid)?;
    let port = parsed.port_or_known_default().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port)
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| std::io::Error::other("the host has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, HEALTH_TIMEOUT)?;
    stream.set_read_timeout(Some(HEALTH_TIMEOUT))?;
    let path = parsed.path();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n")?;
    let mut head = [0; 256];
    let read = stream.read(&mut head)?;
    let text = String::from_utf8_lossy(&head[..read]);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
