//! Members of writes that the entity shows elsewhere: `status_id: 3` as `status: {"id": 3, "name":
//! "Done"}`, `new_name: "a"` as `name: "a"`.

/// Where what was sent stands in the entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placement {
    /// The member that is sent.
    pub sent: Box<str>,
    /// The member that shows it.
    pub held: Box<str>,
    /// The member of the object there that is what was sent; `None` where it is the value itself.
    pub id: Option<Box<str>>,
}
