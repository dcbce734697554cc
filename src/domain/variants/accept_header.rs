//! How much a client wants a media type (RFC 9110, section 12.5.1).

/// The weight that an `Accept` gives to a media type, 0 to 1.
#[must_use]
pub(super) fn quality(accept: &str, media: &str) -> f64 {
    let (kind, _) = media.split_once('/').unwrap_or((media, ""));
    let ranges = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?;
        let fits = match name.split_once('/')? {
            ("*", "*") => 0,
            (own, "*") if own.eq_ignore_ascii_case(kind) => 1,
            _ if name.eq_ignore_ascii_case(media) => 2,
            _ => return None,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f64>().ok());
        Some((fits, weight.unwrap_or(1.0)))
    });
    // The most specific range counts.
    ranges.max_by_key(|(fits, _)| *fits).map_or(0.0, |(_, weight)| weight)
}

#[cfg(test)]
mod tests {
    use super::quality;

    #[test]
    fn the_most_specific_range_counts() {
        let accept = "text/html;q=0.9, application/json;q=0.2, */*;q=0.1";
        assert_eq!(quality(accept, "text/html"), 0.9);
        assert_eq!(quality(accept, "application/json"), 0.2);
        assert_eq!(quality(accept, "image/png"), 0.1);
        assert_eq!(quality("text/*", "image/png"), 0.0);
    }
}
