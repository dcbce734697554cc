//! The console: a page over this API alone, built from `console/` and held in the binary.
//!
//! Like the documentation page it needs no token itself; what it shows does, so it asks for one.
//! It comes from three files of its own origin and may load nothing else.

use std::io::Write;
use std::sync::LazyLock;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Admin, outside};

/// What the page may load and do (Content Security Policy Level 3): its own script, style and API.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the page, as it is and packed.
struct File {
    name: &'static str,
    media_type: &'static str,
    plain: &'static [u8],
    packed: LazyLock<Option<Bytes>>,
}

macro_rules! file {
    ($name:literal, $media_type:literal, $path:literal) => {{
        const PLAIN: &[u8] =
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/console/dist/", $path));
        File {
            name: $name,
            media_type: $media_type,
            plain: PLAIN,
            packed: LazyLock::new(|| pack(PLAIN)),
        }
    }};
}

static PAGE: File = file!("", "text/html; charset=utf-8", "index.html");
static ASSETS: [File; 2] = [
    file!("console.js", "text/javascript; charset=utf-8", "assets/console.js"),
    file!("console.css", "text/css; charset=utf-8", "assets/console.css"),
];

fn pack(plain: &[u8]) -> Option<Bytes> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(plain).ok()?;
    packer.finish().ok().map(Bytes::from)
}

/// Sends to the page, whose files and API are named relative to it.
pub async fn entry(admin: Data<Admin>) -> HttpResponse {
    let prefix = admin.access.prefix().as_str();
    let last = prefix.rsplit('/').next().unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{last}/"))).finish()
}

/// The page.
pub async fn page(request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    PAGE.send(&request, response)
}

/// A file of the page.
pub async fn asset(request: HttpRequest, name: Path<String>) -> HttpResponse {
    match ASSETS.iter().find(|file| file.name == name.as_str()) {
        Some(file) => file.send(&request, HttpResponse::Ok()),
        None => outside().await,
    }
}

impl File {
    fn send(&self, request: &HttpRequest, mut response: HttpResponseBuilder) -> HttpResponse {
        response.content_type(self.media_type);
        response.insert_header((header::VARY, "Accept-Encoding"));
        let accepts = request.headers().get(header::ACCEPT_ENCODING);
        let takes_packed = accepts.is_some_and(|value| {
            let codings = value.to_str().unwrap_or_default();
            codings.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip"))
        });
        match self.packed.as_ref().filter(|_| takes_packed) {
            Some(packed) => {
                response.insert_header(ContentEncoding::Gzip);
                response.body(packed.clone())
            }
            None => response.body(self.plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_small_when_packed() {
        let packed = |file: &File| file.packed.as_ref().expect("packed").len();
        let all = packed(&PAGE) + ASSETS.iter().map(packed).sum::<usize>();
        assert!(all < 250_000, "{all} bytes");
    }
}
