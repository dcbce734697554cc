//! The smallest documents of Office Open XML (ISO/IEC 29500): a text, a workbook, a presentation.

/// A part of a document: its name, and what it says.
type Part = (&'static str, String);

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org";
const TYPE: &str = "application/vnd.openxmlformats-officedocument";

/// The parts of the document that an archive with such names, or of such a type, is; `None` where
/// it is none.
pub fn parts(names: &[&str], media: &str) -> Option<Vec<Part>> {
    let has = |name: &str, kind: &str| {
        names.contains(&name) || media.starts_with(&format!("{TYPE}.{kind}"))
    };
    if has("word/document.xml", "wordprocessingml") {
        return Some(document());
    }
    if has("xl/workbook.xml", "spreadsheetml") {
        return Some(workbook());
    }
    has("ppt/presentation.xml", "presentationml").then(presentation)
}

fn document() -> Vec<Part> {
    let main = format!("{MAIN}/wordprocessingml/2006/main");
    let body = "<w:body><w:p><w:r><w:t>Sample</w:t></w:r></w:p></w:body>";
    let text = format!("{HEAD}<w:document xmlns:w=\"{main}\">{body}</w:document>");
    let mut parts = package(&[("word/document.xml", "wordprocessingml.document.main")]);
    parts.push(("word/document.xml", text));
    parts
}

fn workbook() -> Vec<Part> {
    let main = format!("{MAIN}/spreadsheetml/2006/main");
    let sheets = "<sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/></sheets>";
    let book = format!("{HEAD}<workbook xmlns=\"{main}\" xmlns:r=\"{OFFICE}\">{sheets}</workbook>");
    let cell = "<c r=\"A1\" t=\"inlineStr\"><is><t>Sample</t></is></c>";
    let rows = format!("<sheetData><row r=\"1\">{cell}</row></sheetData>");
    let mut parts = package(&[
        ("xl/workbook.xml", "spreadsheetml.sheet.main"),
        ("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
    ]);
    parts.push(("xl/workbook.xml", book));
    parts.push(("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")));
    let sheet = format!("{HEAD}<worksheet xmlns=\"{main}\">{rows}</worksheet>");
    parts.push(("xl/worksheets/sheet1.xml", sheet));
    parts
}

fn presentation() -> Vec<Part> {
    let main = format!("{MAIN}/presentationml/2006/main");
    let sizes =
        "<p:sldSz cx=\"9144000\" cy=\"6858000\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/>";
    let text = format!("{HEAD}<p:presentation xmlns:p=\"{main}\">{sizes}</p:presentation>");
    let mut parts = package(&[("ppt/presentation.xml", "presentationml.presentation.main")]);
    parts.push(("ppt/presentation.xml", text));
    parts
}

/// What every package has: the types of its parts, and which of them is the first one.
fn package(parts: &[(&str, &str)]) -> Vec<Part> {
    let types: String = parts
        .iter()
        .map(|(name, kind)| {
            format!("<Override PartName=\"/{name}\" ContentType=\"{TYPE}.{kind}+xml\"/>")
        })
        .collect();
    let relations = "application/vnd.openxmlformats-package.relationships+xml";
    let defaults = format!(
        "<Default Extension=\"rels\" ContentType=\"{relations}\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    );
    let space = format!("{MAIN}/package/2006/content-types");
    let types = format!("{HEAD}<Types xmlns=\"{space}\">{defaults}{types}</Types>");
    let first = parts.first().map_or("", |(name, _)| name);
    vec![("[Content_Types].xml", types), ("_rels/.rels", relation("officeDocument", first))]
}

fn relation(kind: &str, target: &str) -> String {
    let it = format!("<Relationship Id=\"rId1\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>");
    format!("{HEAD}<Relationships xmlns=\"{RELATIONS}\">{it}</Relationships>")
}
