//! Metric families in the crate's own forms.

use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType,
};

use crate::runtime::learning::histogram::{BOUNDS_US, DurationCounts};

/// A family of samples that exist already.
pub fn family(name: &str, help: &str, kind: MetricType, samples: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(samples);
    family
}

/// A counter without labels.
pub fn counter(name: &str, help: &str, value: u64) -> MetricFamily {
    family(name, help, MetricType::COUNTER, vec![count(&[], value)])
}

/// A counter with one label.
pub fn counters(name: &str, help: &str, label: &str, values: &[(&str, u64)]) -> MetricFamily {
    let samples = values.iter().map(|(text, value)| count(&[(label, text)], *value));
    family(name, help, MetricType::COUNTER, samples.collect())
}

/// A gauge without labels.
pub fn gauge(name: &str, help: &str, value: f64) -> MetricFamily {
    gauge_with(name, help, &[], value)
}

/// A gauge with labels.
pub fn gauge_with(name: &str, help: &str, labels: &[(&str, &str)], value: f64) -> MetricFamily {
    family(name, help, MetricType::GAUGE, vec![level(labels, value)])
}

/// A gauge with one label.
pub fn gauges(name: &str, help: &str, label: &str, values: &[(String, f64)]) -> MetricFamily {
    let samples = values.iter().map(|(text, value)| level(&[(label, text)], *value));
    family(name, help, MetricType::GAUGE, samples.collect())
}

/// One sample of a gauge.
pub fn level(labels: &[(&str, &str)], value: f64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    let mut sample = labelled(labels);
    sample.set_gauge(gauge);
    sample
}

/// One sample of a counter.
pub fn count(labels: &[(&str, &str)], value: u64) -> Metric {
    let mut counter = Counter::default();
    // Exact below 2^53; at a million a second that is 285 years.
    counter.set_value(value as f64);
    let mut sample = labelled(labels);
    sample.set_counter(counter);
    sample
}

/// One sample of a histogram of durations, in seconds.
pub fn durations(labels: &[(&str, &str)], counts: &DurationCounts) -> Metric {
    let mut cumulated = 0;
    let buckets = BOUNDS_US.iter().zip(counts.buckets).map(|(bound_us, count)| {
        cumulated += count;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(*bound_us as f64 / 1e6);
        bucket.set_cumulative_count(cumulated);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(counts.total());
    histogram.set_sample_sum(counts.sum_us as f64 / 1e6);
    let mut sample = labelled(labels);
    sample.set_histogram(histogram);
    sample
}

fn labelled(labels: &[(&str, &str)]) -> Metric {
    let pairs = labels.iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    });
    Metric::from_label(pairs.collect())
}
