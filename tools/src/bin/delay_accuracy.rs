//! How exact delays are: a latency fault of the double against a bare actix-web handler that
//! sleeps with tokio, in the same run.
//!
//! `cargo xtask bench delays [ROUNDS]` starts both, keeps 200 connections
//! busy on each in turn, with 25 and with 100 ms, and prints how late the answers come (p50 and
//! p99 over all of them, ms) and how many come early.
//! The connections begin evenly spread over one delay: begun together they would stay together, and
//! what is measured would be how long 200 answers take to write.
//! The goal is an error not above that of the bare handler; 0.30 / 0.60 ms are aimed at. Run it on
//! an otherwise idle machine; the client's own lateness is part of both figures.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use stunt_double::app;
use stunt_double::config::{self, Cli, Command, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 200;
const DELAYS_MS: [u64; 2] = [25, 100];
/// Answers of one connection in one round.
const ANSWERS: usize = 20;

fn main() {
    let rounds = std::env::args().nth(1).map_or(3, |rounds| rounds.parse().expect("a number"));
    let bare = serve_bare();
    let double = serve_double(bare);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runs");
    println!(
        "{:>6}  {:<8} {:>9} {:>9} {:>9} {:>6}",
        "ms", "server", "p50 ms", "p99 ms", "max ms", "early"
    );
    for ms in DELAYS_MS {
        runtime.block_on(set_rule(double, ms));
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.extend(runtime.block_on(load(double, ms)));
            theirs.extend(runtime.block_on(load(bare, ms)));
        }
        report(ms, "double", ours);
        report(ms, "tokio", theirs);
    }
    std::process::exit(0);
}

/// A handler that sleeps as many milliseconds as its path says.
fn serve_bare() -> SocketAddr {
    async fn sleep(request: HttpRequest) -> HttpResponse {
        let ms = request.path().rsplit('/').next().and_then(|ms| ms.parse().ok()).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(ms)).await;
        HttpResponse::Ok().body("{}")
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = listener.local_addr().expect("bound");
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(|| App::new().default_service(web::to(sleep)));
            server.workers(1).listen(listener).expect("serves").run().await.expect("serves");
        });
    });
    addr
}

fn settings(backend: SocketAddr) -> Settings {
    let target = format!("http://{backend}");
    let args = [
        "stunt-double",
        "--listen",
        "127.0.0.1:0",
        "--target",
        &target,
        "--database-url",
        "sqlite://:memory:",
    ];
    match config::parse(args.map(Into::into)) {
        Ok(Cli { command: Command::Serve(settings) }) => *settings,
        other => panic!("these settings are usable: {other:?}"),
    }
}

fn serve_double(backend: SocketAddr) -> SocketAddr {
    let (started, address) = mpsc::channel();
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let app = app::App::start(settings(backend)).await.expect("the double starts");
            started.send(app.address()).expect("main waits");
            std::future::pending::<()>().await;
        });
    });
    address.recv().expect("the double starts")
}

/// One rule that delays and answers itself: the backend's own time is not to be measured.
async fn set_rule(double: SocketAddr, ms: u64) {
    let body = format!(
        "{{\"name\":\"slow\",\"scope\":{{\"everything\":true}},\"faults\":[\
         {{\"type\":\"latency\",\"distribution\":{{\"type\":\"fixed\",\"ms\":{ms}}}}},\
         {{\"type\":\"status\",\"status\":200,\"body\":{{\"type\":\"empty\"}}}}]}}"
    );
    let stop = "POST /admin/chaos/stop HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned();
    let make = format!(
        "POST /admin/chaos/rules HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for request in [stop, make] {
        let mut stream = TcpStream::connect(double).await.expect("connects");
        stream.write_all(request.as_bytes()).await.expect("sends");
        assert!(answer(&mut stream).await.expect("answered").starts_with(b"HTTP/1.1 20"));
    }
}

/// How much later than asked each answer came, ns.
async fn load(addr: SocketAddr, ms: u64) -> Vec<i64> {
    let begin = Instant::now();
    let connections = (0..CONNECTIONS).map(|at| async move {
        let mut stream = TcpStream::connect(addr).await.expect("connects");
        stream.set_nodelay(true).expect("a socket");
        let request = format!("GET /{ms} HTTP/1.1\r\nhost: x\r\n\r\n");
        let mut late = Vec::with_capacity(ANSWERS);
        // A timer of a millisecond's grain would bunch them.
        let own_begin = begin + Duration::from_millis(ms) * at as u32 / CONNECTIONS as u32;
        while Instant::now() < own_begin {
            tokio::task::yield_now().await;
        }
        for _ in 0..ANSWERS {
            let sent = Instant::now();
            stream.write_all(request.as_bytes()).await.expect("sends");
            answer(&mut stream).await.expect("answered");
            let took = i64::try_from(sent.elapsed().as_nanos()).expect("seconds");
            late.push(took - i64::try_from(ms * 1_000_000).expect("fits"));
        }
        late
    });
    futures_util::future::join_all(connections).await.concat()
}

/// One small answer; they come in one piece.
async fn answer(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4096];
    let count = stream.read(&mut bytes).await?;
    bytes.truncate(count);
    Ok(bytes)
}

fn report(ms: u64, server: &str, mut late: Vec<i64>) {
    late.sort_unstable();
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize] as f64 / 1e6;
    let early = late.iter().filter(|late| **late < 0).count();
    println!("{ms:>6}  {server:<8} {:>9.3} {:>9.3} {:>9.3} {early:>6}", at(0.5), at(0.99), at(1.0));
}
