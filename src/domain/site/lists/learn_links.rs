//! Learns which addresses beside the rows lead to which pages, by executing what they ask for.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::link_style::{LinkStyle, ListAddress};
use super::links::{Blank, LinkRelation, LinkedPage, ListLink};
use super::list_sample::ListSample;
use super::{ParameterRole, Program, Spot, asked};
use crate::domain::world::pointer::{Pointer, at, dotted, leaves};
use crate::domain::world::{ListResource, Request, SiteExchange};

/// Share of the answers that must agree on what a link leads to.
const LINK_SHARE: f64 = 0.8;

/// Answers in which a link must be seen, and answers that are looked at.
const SEEN_MIN: usize = 2;
const ANSWERS_MAX: usize = 120;

/// Bytes from which a text beside the rows may be a cursor; shorter ones repeat by chance.
const TOKEN_BYTES_MIN: usize = 4;

/// Depth up to which addresses are looked for.
const DEPTH_MAX: usize = 3;

/// Links of one place in the answers, by the answer's number.
type SeenLinks<'s> = BTreeMap<(Spot, Box<str>), Vec<(usize, ListAddress<'s>)>>;

impl Program {
    /// Learns the links beside the rows, and how they are written.
    pub(super) fn learn_links(&mut self, listing: &ListResource, samples: &[ListSample<'_>]) {
        let samples: Vec<&ListSample<'_>> = samples.iter().rev().take(ANSWERS_MAX).collect();
        let mut seen: SeenLinks<'_> = BTreeMap::new();
        for (number, sample) in samples.iter().enumerate() {
            for (key, address) in addresses(listing, sample) {
                seen.entry(key).or_default().push((number, address));
            }
        }
        seen.retain(|_, all| all.len() >= SEEN_MIN);
        // An answer without any of them may be one that has no pages.
        let linked: FxHashSet<usize> = seen.values().flatten().map(|(number, _)| *number).collect();
        let token = self.token(listing, &samples);
        let known = self.begins_pages().map(Into::into);
        let known = known.or_else(|| self.continued(&seen, &samples));
        self.paging = known.or_else(|| token.as_ref().map(|(_, name)| name.clone()));
        if let Some(name) = &self.paging {
            self.roles.entry(name.clone()).or_insert(ParameterRole::Cursor);
        }
        let mut kept: Vec<(&Request, ListAddress<'_>)> = Vec::new();
        let mut links: Vec<(usize, ListLink)> = Vec::new();
        for ((spot, says), all) in &seen {
            let Some(relation) = self.relation((spot, says), all, (&samples, &linked)) else {
                continue;
            };
            let own = samples.iter().enumerate().filter(|(number, _)| linked.contains(number));
            let blank = blank(spot, own.map(|(_, sample)| *sample))
                .or_else(|| blank(spot, samples.iter().copied()));
            let blank = blank.unwrap_or(Blank::Value(Value::Null));
            kept.extend(all.iter().map(|(number, address)| (samples[*number].request(), *address)));
            // In a header of several they stand in the order in which they were recorded.
            let place = all.first().map_or(0, |(number, address)| {
                let text = samples[*number].exchange.header("link").unwrap_or_default();
                text.find(address.query).unwrap_or(0)
            });
            let says = says.clone();
            let link = ListLink { spot: spot.clone(), says, relation, blank, is_bare: false };
            links.push((place, link));
        }
        if let Some((spot, _)) = token.filter(|(_, name)| self.paging.as_ref() == Some(name)) {
            let blank = blank(&spot, samples.iter().copied());
            let blank = blank.unwrap_or(Blank::Value(Value::Null));
            let (says, relation) = ("".into(), LinkRelation::Next);
            links.push((0, ListLink { spot, says, relation, blank, is_bare: true }));
        }
        links.sort_by_key(|(place, _)| *place);
        self.links = links.into_iter().map(|(_, link)| link).collect();
        self.part_blanks();
        let name = self.paging.as_deref().unwrap_or_default();
        self.link_style = LinkStyle::learn(name, &kept);
        self.link_style.drops_first = self.drops_first(&kept);
        let unpaged: Vec<bool> = samples
            .iter()
            .enumerate()
            .filter(|(_, sample)| !self.asks_page(sample.request()) && !sample.ids.is_empty())
            .map(|(number, _)| linked.contains(&number))
            .collect();
        self.link_style.needs_page = unpaged.len() >= SEEN_MIN && !unpaged.contains(&true);
    }

    /// What holds several links does not go with one of them.
    fn part_blanks(&mut self) {
        let places: Vec<Pointer> = self.links.iter().filter_map(ListLink::place).cloned().collect();
        for link in &mut self.links {
            let (Spot::Body(place), Blank::Gone(step)) = (&link.spot, &mut link.blank) else {
                continue;
            };
            let holds_others = |step: usize| {
                places.iter().any(|other| other != place && other.starts_with(&place[..step]))
            };
            while *step < place.len() && holds_others(*step) {
                *step += 1;
            }
        }
    }

    /// The parameter that says where a page begins.
    fn begins_pages(&self) -> Option<&str> {
        use ParameterRole::{After, Offset, Page};
        let mut found: Vec<&str> = self
            .roles
            .iter()
            .filter(|(_, role)| matches!(role, Page(..) | Offset(_) | After))
            .map(|(name, _)| &**name)
            .collect();
        found.sort_unstable();
        found.first().copied()
    }

    /// The parameter in which links differ most from what was asked for: where none is known to say
    /// where a page begins, it is a cursor.
    fn continued(&self, seen: &SeenLinks<'_>, samples: &[&ListSample<'_>]) -> Option<Box<str>> {
        let mut values: BTreeMap<String, FxHashSet<String>> = BTreeMap::new();
        for (number, address) in seen.values().flatten() {
            let request = samples[*number].request();
            for (name, value) in asked::asked_by(address.query) {
                if self.role(&name).is_none() && request.parameter(&name) != Some(&value) {
                    values.entry(name).or_default().insert(value);
                }
            }
        }
        // What is written out though nobody asked for it has one value, a cursor has many.
        values.into_iter().max_by_key(|(_, values)| values.len()).map(|(name, _)| name.into())
    }

    /// Where answers show the bare value of a parameter with which the list was asked for later,
    /// and that parameter.
    fn token(
        &self,
        listing: &ListResource,
        samples: &[&ListSample<'_>],
    ) -> Option<(Spot, Box<str>)> {
        let mut shown: FxHashMap<&str, Pointer> = FxHashMap::default();
        let mut votes: BTreeMap<(Spot, Box<str>), FxHashSet<&str>> = BTreeMap::new();
        // In the order of time: what is sent was shown before.
        for sample in samples.iter().rev() {
            for (name, value) in &sample.request().query {
                let is_open = matches!(
                    self.role(name),
                    None | Some(ParameterRole::Cursor | ParameterRole::After)
                );
                if let Some(place) = shown.get(value.as_str()).filter(|_| is_open) {
                    let key = (Spot::Body(place.clone()), name.as_str().into());
                    votes.entry(key).or_default().insert(value);
                }
            }
            let Some(document) = sample.exchange.json() else { continue };
            for (place, value) in beside_rows(listing, document) {
                let text = value.as_str().filter(|text| text.len() >= TOKEN_BYTES_MIN);
                shown.extend(text.map(|text| (text, place)));
            }
        }
        let best = votes.into_iter().max_by_key(|(_, values)| values.len());
        best.filter(|(_, values)| values.len() >= SEEN_MIN).map(|(key, _)| key)
    }

    /// What a link leads to in nearly all answers; of equal ones the one that it is called.
    fn relation(
        &self,
        (spot, says): (&Spot, &str),
        all: &[(usize, ListAddress<'_>)],
        (samples, linked): (&[&ListSample<'_>], &FxHashSet<usize>),
    ) -> Option<LinkRelation> {
        let name = match spot {
            Spot::Header(name) => format!("{name}{says}"),
            Spot::Body(place) => dotted(place),
        };
        let name = name.to_lowercase();
        let mut best: Option<((u32, bool), LinkRelation)> = None;
        let mut votes = [0_u32; LinkRelation::ALL.len()];
        let mut times = 0_u32;
        for (number, sample) in samples.iter().enumerate().filter(|(n, _)| linked.contains(n)) {
            let address = all.iter().find(|(own, _)| *own == number).map(|(_, address)| address);
            let Some(fits) = self.fits(sample, address) else { continue };
            times += 1;
            for (vote, fits) in votes.iter_mut().zip(fits) {
                *vote += u32::from(fits);
            }
        }
        for ((relation, word), vote) in LinkRelation::ALL.into_iter().zip(votes) {
            let score = (vote, name.contains(word));
            if best.as_ref().is_none_or(|(old, _)| score > *old) {
                best = Some((score, relation));
            }
        }
        let enough = |votes: u32| votes > 0 && f64::from(votes) >= LINK_SHARE * f64::from(times);
        best.filter(|((votes, _), _)| enough(*votes)).map(|(_, relation)| relation)
    }

    /// Which relations explain that an answer has a link, or none; nothing where the answer itself
    /// is not understood.
    fn fits(
        &self,
        sample: &ListSample<'_>,
        address: Option<&ListAddress<'_>>,
    ) -> Option<[bool; LinkRelation::ALL.len()]> {
        let request = sample.request();
        let paging = self.paging.as_deref().unwrap_or_default();
        let is_cursor = self.role(paging) == Some(&ParameterRole::Cursor);
        let led = address.map(|address| {
            let above = request.query.iter().filter(|(name, _)| asked::is_above(name));
            let query = above.cloned().chain(asked::asked_by(address.query)).collect();
            Request { query, ..request.clone() }
        });
        if is_cursor || paging.is_empty() {
            let sorted = |request: &Request, but: &str| {
                let mut query = request.query.clone();
                query.retain(|(name, _)| name != but);
                query.sort();
                query
            };
            let leads =
                |but| led.as_ref().is_some_and(|led| sorted(led, "") == sorted(request, but));
            let (is_own, begins) = (leads(""), leads(paging));
            let goes_on = match &led {
                Some(led) => {
                    let new = led.parameter(paging);
                    new.is_some() && new != request.parameter(paging)
                }
                // Where a cursor leads is not known, whether there is more often is.
                None => true,
            };
            return Some([goes_on, false, begins, false, is_own]);
        }
        let known = |request: &Request| {
            request
                .query
                .iter()
                .all(|(name, _)| self.role(name).is_some() || self.constant.contains(&**name))
        };
        if !known(request) {
            return None;
        }
        let carries = |led: &Request| {
            let mut others = request.query.iter().filter(|(name, _)| name != paging);
            others.all(|(name, value)| led.parameter(name) == Some(value))
        };
        // A link that drops what was asked for tells nothing of the page that it leads to.
        if led.as_ref().is_some_and(|led| !carries(led)) {
            return None;
        }
        let rows = self.passing(request, sample.all());
        let (from, size) = self.slice(request, &rows);
        let last = sample.ids.last().map(String::as_str);
        let page = LinkedPage { from, size, total: rows.len(), last };
        let led = led.map(|led| self.slice(&led, &rows).0);
        Some(LinkRelation::ALL.map(|(relation, _)| page.start(relation) == led))
    }

    /// Whether links to the first page do without the parameter.
    fn drops_first(&self, kept: &[(&Request, ListAddress<'_>)]) -> bool {
        let Some(paging) = self.paging.as_deref() else { return false };
        let (mut dropped, mut stands) = (0_u32, 0_u32);
        for (request, address) in kept {
            let query = asked::asked_by(address.query);
            let own = query.iter().any(|(name, _)| name == paging);
            if !own && request.parameter(paging).is_some() {
                dropped += 1;
            }
            let led = Request { query, ..(*request).clone() };
            stands += u32::from(own && self.slice(&led, &[]).0 == 0);
        }
        dropped > stands
    }
}

/// What stands there, or stands no more, in answers without the link.
fn blank<'s>(spot: &Spot, samples: impl Iterator<Item = &'s ListSample<'s>>) -> Option<Blank> {
    let Spot::Body(place) = spot else { return None };
    let mut votes: Vec<(Blank, u32)> = Vec::new();
    for document in samples.filter_map(|sample| sample.exchange.json()) {
        let found = match at(document, place) {
            Some(Value::String(text)) if !text.is_empty() => continue,
            Some(value) => Blank::Value(value.clone()),
            None => {
                let stands = (0..place.len()).rev().find(|n| at(document, &place[..*n]).is_some());
                Blank::Gone(stands.unwrap_or(0) + 1)
            }
        };
        match votes.iter_mut().find(|(known, _)| *known == found) {
            Some((_, n)) => *n += 1,
            None => votes.push((found, 1)),
        }
    }
    votes.into_iter().max_by_key(|(_, n)| *n).map(|(blank, _)| blank)
}

/// Addresses of the same list beside the rows of an answer, with where they stand.
fn addresses<'s>(
    listing: &ListResource,
    sample: &ListSample<'s>,
) -> Vec<((Spot, Box<str>), ListAddress<'s>)> {
    let exchange: &'s SiteExchange = sample.exchange;
    let request = &exchange.request;
    let mut found = Vec::new();
    for (name, text) in &exchange.headers {
        if &**name == "link" {
            for (address, says) in linked(text) {
                let address = ListAddress::of(request, address);
                found.extend(address.map(|a| ((Spot::Header(name.clone()), says.into()), a)));
            }
        } else if let Some(address) = ListAddress::of(request, text).filter(|a| !a.query.is_empty())
        {
            found.push(((Spot::Header(name.clone()), "".into()), address));
        }
    }
    let Some(document) = exchange.json().filter(|document| document.is_object()) else {
        return found;
    };
    for (place, value) in beside_rows(listing, document) {
        if let Some(address) = value.as_str().and_then(|text| ListAddress::of(request, text)) {
            found.push(((Spot::Body(place), "".into()), address));
        }
    }
    found
}

/// Scalars beside the rows of an answer.
fn beside_rows<'d>(listing: &ListResource, document: &'d Value) -> Vec<(Pointer, &'d Value)> {
    let envelope = listing.place_in(document);
    let is_beside = |place: &Pointer| {
        let inside = envelope.is_empty() || place.starts_with(&envelope);
        let members = place.iter().all(|step| step.member().is_some());
        place.len() <= DEPTH_MAX && members && !inside
    };
    leaves(document).into_iter().filter(|(place, _)| is_beside(place)).collect()
}

/// The addresses of a `Link` header (RFC 8288, section 3), each with what is said of it.
fn linked(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((address, behind)) =
        rest.split_once('<').and_then(|(_, behind)| behind.split_once('>'))
    {
        let end = behind.find(", <").or_else(|| behind.find(",<")).unwrap_or(behind.len());
        found.push((address, behind[..end].trim_end()));
        rest = &behind[end..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_hold_several_links() {
        let text = r#"</a?page=2>; rel="next", </a?b=1,2&page=9>; rel="last"; title="x, y""#;
        let wanted = [
            ("/a?page=2", r#"; rel="next""#),
            ("/a?b=1,2&page=9", r#"; rel="last"; title="x, y""#),
        ];
        assert_eq!(linked(text), wanted);
    }
}
