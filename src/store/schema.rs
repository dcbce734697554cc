//! The tables as both databases have them (see `migrations/` and `diesel.toml`).

diesel::table! {
    endpoints (id) {
        id -> Text,
        method -> Text,
        template -> Text,
        mode -> Text,
        learn -> Bool,
        observations -> BigInt,
        error_rate -> Double,
        latency_mean_ms -> Double,
        latency_std_dev_ms -> Double,
        latency_p50_ms -> Double,
        latency_p95_ms -> Double,
        latency_p99_ms -> Double,
        first_seen_at_ms -> BigInt,
        last_seen_at_ms -> BigInt,
        model_version -> Integer,
        model -> Text,
    }
}

diesel::table! {
    endpoint_backends (endpoint_id) {
        endpoint_id -> Text,
        backend -> Text,
    }
}

diesel::table! {
    endpoint_chaos (endpoint_id) {
        endpoint_id -> Text,
        level -> Integer,
        active -> Bool,
    }
}

diesel::table! {
    statuses (endpoint_id, status) {
        endpoint_id -> Text,
        status -> Integer,
        observations -> BigInt,
        share -> Double,
        latency_mean_ms -> Double,
        latency_p50_ms -> Double,
        latency_p95_ms -> Double,
        latency_p99_ms -> Double,
        model_version -> Integer,
        model -> Text,
    }
}

diesel::table! {
    schemas (endpoint_id, side, status) {
        endpoint_id -> Text,
        side -> Text,
        status -> Integer,
        version -> Integer,
        document -> Text,
    }
}

diesel::table! {
    redirects (position) {
        position -> BigInt,
        old_id -> Text,
        new_id -> Text,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    pins (template) {
        template -> Text,
        kind -> Text,
        created_at_ms -> BigInt,
    }
}

diesel::table! {
    chaos_rules (id) {
        id -> Text,
        position -> Integer,
        enabled -> Bool,
        name -> Text,
        owner -> Text,
        expires_at_ms -> Nullable<BigInt>,
        hits -> BigInt,
        document_version -> Integer,
        document -> Text,
    }
}

diesel::table! {
    overrides (id) {
        id -> Text,
        position -> Integer,
        enabled -> Bool,
        name -> Text,
        owner -> Text,
        hits -> BigInt,
        document_version -> Integer,
        document -> Text,
    }
}

diesel::table! {
    baselines (name) {
        name -> Text,
        created_at_ms -> BigInt,
        observations -> BigInt,
        document_version -> Integer,
        document -> Text,
    }
}

diesel::table! {
    audit (position) {
        position -> BigInt,
        id -> Text,
        at_ms -> BigInt,
        actor -> Text,
        action -> Text,
        subject -> Text,
        document_version -> Integer,
        document -> Text,
    }
}

diesel::table! {
    documents (name) {
        name -> Text,
        version -> Integer,
        document -> Text,
    }
}
