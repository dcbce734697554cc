//! The path learner, fed whatever bytes there are, one path a line: nothing panics, every path has a
//! template, the bounds hold.

use stunt_double::domain::path::{BodyShape, PathLearner, PathLimits, PathObservation, PathState};

/// One input of the fuzzer.
pub fn check(bytes: &[u8]) {
    let limits = PathLimits {
        samples_max: 64,
        templates_max: 32,
        samples_per_template_max: 8,
        ..PathLimits::default()
    };
    let mut learner = PathLearner::new(limits.clone());
    let text = String::from_utf8_lossy(bytes);
    for (at, path) in text.lines().enumerate() {
        let shape = BodyShape::of_json(path.as_bytes());
        let status = if at % 7 == 6 { 404 } else { 200 };
        let template =
            learner.observe(&PathObservation { method: "GET", path, status, media: None, shape });
        assert!(template.as_str().starts_with('/'));
        learner.tree().explain(path);
        learner.tree().nearest(path, 3);
    }
    learner.settle();
    let state = learner.state();
    assert!(state.samples() <= limits.samples_max);
    assert!(learner.tree().templates().count() <= limits.templates_max);
    let json = serde_json::to_vec(&state).expect("a state is JSON");
    let state: PathState = serde_json::from_slice(&json).expect("it reads what it wrote");
    PathLearner::restore(limits, &state);
}
