//! What differs between two models, or a model and a document.
