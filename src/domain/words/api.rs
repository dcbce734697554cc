//! The words APIs name their resources and actions with.

use super::split::split;

/// Whether `token`, in lower case, is a word of the trade.
pub fn is_known(token: &str) -> bool {
    static SORTED: std::sync::LazyLock<Vec<&'static str>> =
        std::sync::LazyLock::new(|| WORDS.split_ascii_whitespace().collect());
    SORTED.binary_search(&token).is_ok()
}

/// The share of the words in `segment` that APIs use, 0 to 1. `GetUserById` and `user_groups`
/// are split into their words; digits do not count.
pub fn share_known(segment: &str) -> f32 {
    let (mut known, mut all) = (0u16, 0u16);
    let mut lower = String::new();
    for word in split(segment).filter(|word| !word.starts_with(|c: char| c.is_ascii_digit())) {
        lower.clear();
        lower.push_str(word);
        lower.make_ascii_lowercase();
        all = all.saturating_add(1);
        known = known.saturating_add(u16::from(is_known(&lower)));
    }
    if all == 0 { 0.0 } else { f32::from(known) / f32::from(all) }
}

/// Words that the published descriptions of three or more API providers use as path literals;
/// lower case, sorted.
const WORDS: &str = "\
    accept access account accounts action actions activate active activities activity add admin \
    agent alerts aliases all and answers api app application apply approval approve apps \
    articles assets assign attach attachment attachments attributes audio audit auth \
    authentication authorization authorize available avatar avatars backups balance bank batch \
    billing blocks bookmarks bulk by cache cancel cards catalog categories category certificates \
    change changes channels charges clear clients close clusters code codes collection \
    collections comments commit complete components config configs configuration connect \
    connection connections console contact contacts content conversations copy count countries \
    counts create credentials credit currencies current custom customers dashboard data \
    databases decline default definitions delete deny deployments destinations detach details \
    device devices dimensions directory disable display document documents domains download \
    downloads dynamic edit email emails enable endpoint endpoints entries environments episodes \
    event events example execute executions expire export exports external featured features \
    feed field fields file files filter filters find firewalls first folders followers following \
    follows from functions gateway generate genres get global group groups hidden history id \
    identity ids image images import info information instance instances integration \
    integrations invite invites invoices ip ips issue issues item items job jobs journal json \
    key keys label languages last latest level licenses likes line link linked links list \
    listing lists live local location locations log logs mappings mark me media member members \
    memberships merge messages meta metadata methods metrics mode models module monitor move \
    movies my name names networks new next node nodes notes notification notifications number \
    oauth object of offers on online open options orders owner page pages parent partner parts \
    password patch paths pause payment payments pdf pending people permissions ping plan \
    platforms playback played policy pools post preferences preview previous private product \
    products profile profiles project projects properties provider providers provision public \
    publish query queue quotes range rates raw reactions read recent recipients recommendations \
    recommended record records references refresh refund refunds regions register reject related \
    relationships remove replies reports repositories request requests resend reset resize \
    resources restrictions resume retrieve retry reverse review reviews revoke role roles route \
    rules run scheduled schedules schemas search secret security segments send series server \
    service services sessions set setting settings share shared ship shipping shows shutdown \
    signing similar source ssh start state statistics stats status statuses steps stop storage \
    stream streams subscription subscriptions suggestions summaries summary sync system tag tags \
    target targets task tasks team teams template templates test thumbnail time to token tokens \
    top tracking transactions transfer transfers triggers type types upcoming update updated \
    updates upload uploads url usage user username users uuid validate value values verification \
    verify version versions videos views void volumes webhooks with workspaces";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted() {
        let words: Vec<_> = WORDS.split_ascii_whitespace().collect();
        assert!(words.is_sorted());
    }

    fn check(segment: &str, expected: f32) {
        assert!((share_known(segment) - expected).abs() < 1e-6, "{segment}");
    }

    #[test]
    fn segments_are_split_into_words() {
        check("users", 1.0);
        check("GetUserById", 1.0);
        check("user-groups_list", 1.0);
        check("octocat", 0.0);
        check("users-octocat", 0.5);
        check("APIKey", 1.0);
        check("2024", 0.0);
    }
}
