//! The double inside a Rust test: in front of your backend, on a port of its own, in memory.
//!
//! `cargo run --example embed` runs it against the sample shop; in a test of yours, put the body of
//! `main` below `#[actix_web::test]` and your backend's address into `--target`.

use std::error::Error;

use stunt_double::app::App;
use stunt_double::config::{self, Cli, Command};
use stunt_double::demo;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Any backend will do; here it is the shop that `stunt-double demo` runs.
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let target = format!("http://{}", listener.local_addr()?);
    let backend =
        demo::Backend { latency_scale: 0.0, ..demo::Backend::seeded(7) }.serve(listener)?;
    let backend_handle = backend.handle();
    actix_web::rt::spawn(backend);

    // Settings are those of the command line. A fixed seed makes every run alike.
    let flags = [
        "stunt-double",
        "--target",
        target.as_str(),
        "--listen",
        "127.0.0.1:0",
        "--database-url",
        "sqlite://:memory:",
        "--seed",
        "7",
    ];
    let Ok(Cli { command: Command::Serve(settings) }) = config::parse(flags.map(Into::into)) else {
        return Err("these flags run the double".into());
    };
    let double = App::start(*settings).await?;
    let url = format!("http://{}", double.address());
    let client = awc::Client::default();

    // What goes through it teaches it; `flush` waits until it is learned.
    for id in 1..=20 {
        client.get(format!("{url}/users/{id}")).send().await?.body().await?;
    }
    client.post(format!("{url}/admin/flush")).send().await?;

    // From now on it plays the backend's part, even for users that nobody asked for.
    backend_handle.stop(true).await;
    let mut mock = client
        .get(format!("{url}/users/4711"))
        .insert_header(("X-Mock-Enabled", "true"))
        .insert_header(("X-Mock-Status", "200"))
        .send()
        .await?;
    assert_eq!(
        mock.headers().get("x-mock-source").map(awc::error::HeaderValue::as_bytes),
        Some(&b"mock"[..])
    );
    println!("{}", String::from_utf8_lossy(&mock.body().await?));

    double.stop().await?;
    Ok(())
}
