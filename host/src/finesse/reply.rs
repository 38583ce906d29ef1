//! What Finesse says, in XML. Names are compared without regard to case: they vary between its versions.

use interaction_core::cti::ReasonCode;
use roxmltree::{Document, Node};

/// Reasons kept of one list: Finesse on UCCX has codes up to 999.
const REASONS_MAX: usize = 1_000;
/// The longest text kept of anything, in bytes: its labels have at most 40 characters.
const TEXT_BYTES_MAX: usize = 256;

/// The login id of a User.
pub(super) fn user(text: &str) -> Result<String, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let user = document.root_element();
    if !named(user, "User") {
        return Err(format!("its root is {}", user.tag_name().name()));
    }
    child(user, "loginId").filter(|id| !id.is_empty()).ok_or_else(|| "it has no loginId".to_owned())
}

/// The reasons of a list, of one category, without the system's own.
pub(super) fn reasons(text: &str, category: &str) -> Result<Vec<ReasonCode>, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let root = document.root_element();
    if !named(root, "ReasonCodes") {
        return Err(format!("its root is {}", root.tag_name().name()));
    }
    let is_ours = |reason: &Node<'_, '_>| {
        let of_category = child(*reason, "category").is_none_or(|own| own.eq_ignore_ascii_case(category));
        of_category && child(*reason, "systemCode").is_none_or(|system| !system.eq_ignore_ascii_case("true"))
    };
    let read = |reason: Node<'_, '_>| {
        let (code, name) = (child(reason, "code")?, child(reason, "label")?);
        let fine = code.parse::<u16>().is_ok() && !name.is_empty();
        fine.then(|| ReasonCode { code: code.into(), name: name.into() })
    };
    let listed = root.children().filter(|node| named(*node, "ReasonCode")).filter(is_ours);
    Ok(listed.filter_map(read).take(REASONS_MAX).collect())
}

/// What a node says of itself: which product it belongs to, and whether it is in service.
pub(super) fn system(text: &str) -> Result<String, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let system = document.root_element();
    let status = child(system, "status").filter(|_| named(system, "SystemInfo"));
    let status = status.ok_or_else(|| "its answer is no SystemInfo with a status".to_owned())?;
    let said = [child(system, "deploymentType"), Some(status.clone()), child(system, "statusReason")];
    let said: Vec<String> = said.into_iter().flatten().filter(|words| !words.is_empty()).collect();
    if status.eq_ignore_ascii_case("IN_SERVICE") { Ok(said.join(", ")) } else { Err(said.join(", ")) }
}

/// The words of an error, for the end of a sentence.
pub(super) fn error(text: &str) -> String {
    let Ok(document) = Document::parse(text) else { return String::new() };
    let find = |name: &str| document.descendants().find(|node| named(*node, name)).map(words);
    let words: Vec<String> =
        ["ErrorType", "ErrorMessage"].into_iter().filter_map(find).filter(|words| !words.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}

fn named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name().eq_ignore_ascii_case(name)
}

fn child(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.children().find(|child| named(*child, name)).map(words)
}

fn words(node: Node<'_, '_>) -> String {
    let text = node.text().unwrap_or_default().trim();
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{error, reasons, system, user};

    #[test]
    fn a_user_is_known_by_its_login_id() {
        let text = "<User><uri>/finesse/api/User/agt2005</uri><roles><role>Agent</role></roles>\
                    <loginId>Agt2005</loginId><state>LOGOUT</state></User>";
        assert_eq!(user(text).unwrap(), "Agt2005");
        assert_eq!(user("<?xml version=\"1.0\"?><user><loginid> 7 </loginid></user>").unwrap(), "7");
        for (text, part) in [
            ("<html><loginId>1</loginId></html>", "root is html"),
            ("<User><roles><loginId>1</loginId></roles></User>", "no loginId"),
            ("<User><loginId/></User>", "no loginId"),
            ("", ""),
            ("<!DOCTYPE x [<!ENTITY a \"b\">]><User><loginId>&a;</loginId></User>", "DTD"),
        ] {
            let why = user(text).unwrap_err();
            assert!(why.contains(part), "{text}: {why}");
        }
    }

    #[test]
    fn reasons_have_codes_and_labels() {
        let text = "<ReasonCodes category=\"NOT_READY\">\
            <ReasonCode><category>NOT_READY</category><code>12</code><label>Lunch &amp; tea</label></ReasonCode>\
            <ReasonCode><category>NOT_READY</category><code>13</code><label>X</label><systemCode>true</systemCode></ReasonCode>\
            <ReasonCode><category>LOGOUT</category><code>14</code><label>Home</label></ReasonCode>\
            <ReasonCode><code>x</code><label>Y</label></ReasonCode><ReasonCode><code>15</code></ReasonCode>\
            </ReasonCodes>";
        let read = reasons(text, "NOT_READY").unwrap();
        let read: Vec<_> = read.iter().map(|reason| (&*reason.code, &*reason.name)).collect();
        assert_eq!(read, [("12", "Lunch & tea")]);
        assert!(reasons("<User/>", "LOGOUT").unwrap_err().contains("root is User"));
    }

    #[test]
    fn a_node_says_whether_it_is_in_service() {
        let text = |status| {
            format!(
                "<SystemInfo><deploymentType>UCCX</deploymentType><status>{status}</status><statusReason/></SystemInfo>"
            )
        };
        assert_eq!(system(&text("IN_SERVICE")), Ok("UCCX, IN_SERVICE".to_owned()));
        assert_eq!(system(&text("OUT_OF_SERVICE")), Err("UCCX, OUT_OF_SERVICE".to_owned()));
        assert!(system("<html/>").unwrap_err().contains("no SystemInfo"));
    }

    #[test]
    fn an_error_is_told_in_its_own_words() {
        let text = "<ApiErrors><ApiError><ErrorType>Authorization Failure</ErrorType><ErrorData/>\
                    <ErrorMessage>UNAUTHORIZED</ErrorMessage></ApiError></ApiErrors>";
        assert_eq!(error(text), ": Authorization Failure, UNAUTHORIZED");
        assert_eq!(error("<html>"), "");
    }
}
