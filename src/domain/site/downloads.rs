//! Files of one consumer, kept as they come and given as they were.

use std::sync::Arc;

use super::turn::{SiteAnswer, Turn};
use super::uploads::{BY_PATH, asked, names, path_key};
use crate::domain::media::form;
use crate::domain::world::{Document, UploadedFile};

impl Turn<'_> {
    /// The file that the request asks for, where this consumer uploaded it.
    #[must_use]
    pub fn uploaded(&self) -> Option<SiteAnswer> {
        if !self.site.uploads.gives(self.place) {
            return None;
        }
        let keys = asked(&self.request, self.place);
        let file = keys.into_iter().find_map(|key| self.world.uploads.find(key))?;
        let mut answer = SiteAnswer { body: file.bytes.to_vec(), ..SiteAnswer::default() };
        for name in self.site.uploads.mirrored.iter().filter(|name| !name.ends_with('-')) {
            answer.set(name, None);
        }
        for (name, value) in &file.headers {
            answer.set(name, Some(value.clone()));
        }
        if !file.media.is_empty() {
            answer.set("content-type", Some(file.media.to_string()));
        }
        Some(answer)
    }

    /// Whether the request asks for a file that this consumer deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.site.uploads.gives(self.place)
            && self.world.uploads.is_deleted(path_key(&self.request.target))
    }

    /// Keeps the file that was uploaded with success, and forgets what was deleted.
    pub fn keep_upload(
        &mut self,
        bytes: &[u8],
        (status, headers): (u16, &[(Box<str>, String)]),
        answer: &SiteAnswer,
    ) {
        let request = Arc::clone(&self.request);
        if !(200..300).contains(&status) || request.reads() {
            return;
        }
        let uploads = &self.site.uploads;
        if &*request.method == "DELETE" {
            if uploads.by_path && request.query.is_empty() {
                self.world.uploads.delete(path_key(&request.target));
            }
            return;
        }
        // All over the site nothing but what is no document of its own is taken for a file.
        let is_file = uploads.by_path && &*request.method == "PUT" && request.content.is_some();
        let own = uploads.names.get(self.place).map(Vec::as_slice);
        let known = own.or_else(|| is_file.then_some(BY_PATH));
        let Some(known) = known else { return };
        let content_type = request.header("content-type").unwrap_or_default();
        let (media, bytes) = match form::files(bytes, content_type) {
            Some(files) => match files.as_slice() {
                [(media, bytes)] => (media.clone(), *bytes),
                _ => return,
            },
            None => (content_type.to_owned(), bytes),
        };
        let document = answer.document.clone().map_or(Document::None, Document::Json);
        let all = names(&request, headers, &document);
        let keys = all.into_iter().filter(|(name, _)| known.contains(name)).map(|(_, key)| key);
        let said = headers.iter().chain(&request.headers);
        let file = UploadedFile {
            bytes: bytes.into(),
            media: media.into(),
            headers: uploads.mirrored_of(said),
        };
        self.world.uploads.keep(&keys.collect::<Vec<u64>>(), &file);
    }
}
