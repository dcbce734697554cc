//! `demo`: the double in front of the sample backend, or the sample backend alone.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};

use super::{Ended, StopSignals, start, stop};
use crate::app::{EXIT_FAILURE, StartError};
use crate::config::Settings;
use crate::demo;
use crate::http::server::ListenError;

/// Seed of the sample backend and its traffic: every tour looks the same.
const DEMO_SEED: u64 = 7;

/// Requests the demo sends through the double before it hands over: enough that what the shop
/// refuses has a reason, which takes some eight refusals of a kind; two seconds.
const DEMO_REQUESTS: usize = 1_000;

/// Runs the sample backend until it is told to stop.
pub async fn backend_alone(
    listen: SocketAddr,
    renamed: Option<(String, String)>,
) -> Result<(), Ended> {
    let mut stopping = StopSignals::listen()?;
    let listener = bind(listen)?;
    println!("listening on http://{}", listener.local_addr()?);
    let server = demo::Backend { renamed, ..demo::Backend::seeded(DEMO_SEED) }.serve(listener)?;
    let handle = server.handle();
    let running = actix::spawn(server);
    stopping.wait().await;
    handle.stop(false).await;
    let _ended = running.await;
    Ok(())
}

/// Runs the double in front of the sample backend, shows it traffic, and hands over.
pub async fn tour(
    mut settings: Settings,
    backend_port: u16,
    renamed: Option<(String, String)>,
) -> Result<(), Ended> {
    let mut stopping = StopSignals::listen()?;
    let listener = bind(([127, 0, 0, 1], backend_port).into())?;
    let backend = format!("http://{}", listener.local_addr()?);
    let server = demo::Backend { renamed, ..demo::Backend::seeded(DEMO_SEED) }.serve(listener)?;
    let handle = server.handle();
    let running = actix::spawn(server);
    settings.target.value = backend
        .parse()
        .map_err(|line| Ended { line: format!("sample backend: {line}"), code: EXIT_FAILURE })?;
    settings.target.given = true;
    let prefix = settings.admin.prefix.as_str().to_owned();
    let guarded = settings.admin.token.is_some();
    let app = start(settings).await?;
    let base = format!("http://{}", app.address());
    let admin = format!("http://{}{prefix}", app.admin_address().unwrap_or(app.address()));
    println!("sample backend on {backend}; sending it {DEMO_REQUESTS} requests …");
    let report = demo::send_traffic(&base, DEMO_REQUESTS, DEMO_SEED).await;
    app.learning().flush().await.map_err(|e| Ended { line: e.to_string(), code: EXIT_FAILURE })?;
    let statuses: Vec<String> =
        report.statuses.iter().map(|(status, count)| format!("{count} x {status}")).collect();
    println!("answered in {:.1} s: {}", report.took.as_secs_f64(), statuses.join(", "));
    println!("{}", next_steps(&base, &admin, guarded));
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
fn next_steps(base: &str, admin: &str, guarded: bool) -> String {
    let auth = if guarded { "-H \"Authorization: Bearer $ADMIN_TOKEN\" " } else { "" };
    let steps = [
        (format!("curl {auth}{admin}/endpoints"), "what it has learned"),
        (format!("curl -i {base}/users/7"), "proxied"),
        (format!("curl -i -H 'X-Mock-Enabled: true' {base}/users/7"), "mocked"),
        (
            format!("curl -i -H 'X-Mock-Enabled: true' --json '{{\"name\":\"\"}}' {base}/users"),
            "refused, and why",
        ),
        (format!("curl {auth}'{admin}/explain?path=/users/7'"), "why"),
        (format!("open {admin}/docs"), "the whole admin API"),
        (format!("open {admin}/"), "the console: all of this to look at and to click"),
    ];
    let width = steps.iter().map(|(command, _what)| command.len()).max().unwrap_or_default();
    let mut text = String::from("\nThe double has learned the sample backend. Try:\n");
    for (command, what) in steps {
        text.push_str(&format!("  {command:width$}   {what}\n"));
    }
    text.push_str("Stop with Ctrl-C.");
    text
}

fn bind(address: SocketAddr) -> Result<TcpListener, Ended> {
    TcpListener::bind(address)
        .map_err(|error| StartError::Listen(ListenError { address, error }).into())
}
