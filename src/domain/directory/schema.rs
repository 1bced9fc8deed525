//! The attributes of users and groups (RFC 7643): what is stored, advertised under `/Schemas`, and known to filters and
//! paths.

/// URN of the core schema of users.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the enterprise extension of users.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// URN of the core schema of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Type of the values of an attribute.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A URI.
    Reference,
    /// Bytes in base64.
    Binary,
    /// Sub-attributes.
    Complex(&'static [Attribute]),
}

/// Who may write an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// The directory.
    ReadWrite,
    /// Nobody: writes are ignored.
    ReadOnly,
    /// The directory, but only together with the value that it is part of.
    Immutable,
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Name.
    pub name: &'static str,
    /// Type of its values.
    pub ty: Type,
    /// Whether it has several values.
    pub multi: bool,
    /// Whether every resource has it.
    pub required: bool,
    /// Whether texts are compared with their case.
    pub exact: bool,
    /// Whether no two resources have the same value.
    pub unique: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// What a reference refers to: names of resource types, or `external`.
    pub references: &'static [&'static str],
    /// Suggested values.
    pub canonical: &'static [&'static str],
    /// Description.
    pub description: &'static str,
}

impl Attribute {
    const fn new(name: &'static str, ty: Type, description: &'static str) -> Self {
        Self {
            name,
            ty,
            multi: false,
            required: false,
            exact: false,
            unique: false,
            mutability: Mutability::ReadWrite,
            references: &[],
            canonical: &[],
            description,
        }
    }

    const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Type::String, description)
    }

    const fn reference(name: &'static str, to: &'static [&'static str], description: &'static str) -> Self {
        Self {
            references: to,
            ..Self::new(name, Type::Reference, description).exact()
        }
    }

    const fn list(name: &'static str, of: &'static [Self], description: &'static str) -> Self {
        Self {
            multi: true,
            ..Self::new(name, Type::Complex(of), description)
        }
    }

    const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    const fn read_only(self) -> Self {
        Self {
            mutability: Mutability::ReadOnly,
            ..self
        }
    }

    const fn immutable(self) -> Self {
        Self {
            mutability: Mutability::Immutable,
            ..self
        }
    }

    const fn canonical(self, values: &'static [&'static str]) -> Self {
        Self {
            canonical: values,
            ..self
        }
    }

    const fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// Returns its sub-attributes; none if it is simple.
    pub fn subs(&self) -> &'static [Self] {
        match self.ty {
            Type::Complex(subs) => subs,
            _ => &[],
        }
    }
}

const fn labelled(value: &'static str) -> [Attribute; 4] {
    [
        Attribute::text("value", value),
        Attribute::text("display", "Name for display."),
        Attribute::text("type", "Label, for example work or home."),
        Attribute::new("primary", Type::Boolean, "Whether this is the preferred one."),
    ]
}

const PLAIN: [Attribute; 4] = labelled("Value.");
const PICTURES: [Attribute; 4] = [
    Attribute::reference("value", &["external"], "URL of the picture."),
    PLAIN[1],
    PLAIN[2],
    PLAIN[3],
];
const EMAILS: [Attribute; 4] = [
    Attribute::text("value", "E-mail address.").required(),
    PLAIN[1],
    PLAIN[2].canonical(&["work", "home", "other"]),
    PLAIN[3],
];
const CERTIFICATES: [Attribute; 4] = [
    Attribute::new("value", Type::Binary, "Certificate in DER.").exact(),
    PLAIN[1],
    PLAIN[2],
    PLAIN[3],
];
const NAME: [Attribute; 6] = [
    Attribute::text("formatted", "Full name."),
    Attribute::text("familyName", "Last name."),
    Attribute::text("givenName", "First name."),
    Attribute::text("middleName", "Middle name."),
    Attribute::text("honorificPrefix", "Title before the name."),
    Attribute::text("honorificSuffix", "Suffix after the name."),
];
const ADDRESS: [Attribute; 8] = [
    Attribute::text("formatted", "Full address."),
    Attribute::text("streetAddress", "Street and number."),
    Attribute::text("locality", "City."),
    Attribute::text("region", "State or region."),
    Attribute::text("postalCode", "Postal code."),
    Attribute::text("country", "Country code (ISO 3166-1 alpha-2)."),
    PLAIN[2],
    PLAIN[3],
];
const GROUPS: [Attribute; 3] = [
    Attribute::text("value", "ID of the group.").read_only(),
    Attribute::reference("$ref", &["Group"], "URL of the group.").read_only(),
    Attribute::text("display", "Name of the group.").read_only(),
];
const MANAGER: [Attribute; 3] = [
    Attribute::text("value", "ID of the manager."),
    Attribute::reference("$ref", &["User"], "URL of the manager."),
    Attribute::text("displayName", "Name of the manager."),
];
const MEMBERS: [Attribute; 3] = [
    Attribute::text("value", "ID of the member.")
        .required()
        .immutable(),
    Attribute::reference("$ref", &["User"], "URL of the member.").immutable(),
    Attribute::text("type", "Type of the member.")
        .canonical(&["User"])
        .immutable(),
];

/// Attributes of every resource.
pub const COMMON: [Attribute; 1] = [Attribute::text("externalId", "ID in the directory.").exact()];

/// Attributes of users.
pub const USER_ATTRIBUTES: [Attribute; 20] = [
    Attribute::text("userName", "Name to sign in at the directory.")
        .required()
        .unique(),
    Attribute::new("name", Type::Complex(&NAME), "Parts of the name."),
    Attribute::text("displayName", "Name for display."),
    Attribute::text("nickName", "Casual name."),
    Attribute::reference("profileUrl", &["external"], "URL of a profile."),
    Attribute::text("title", "Job title."),
    Attribute::text("userType", "Relation to the company."),
    Attribute::text("preferredLanguage", "Preferred language."),
    Attribute::text("locale", "Locale, for example en-US."),
    Attribute::text("timezone", "IANA time zone."),
    Attribute::new(
        "active",
        Type::Boolean,
        "Whether the person works here: false dismisses them.",
    )
    .required(),
    Attribute::list("emails", &EMAILS, "E-mail addresses.").required(),
    Attribute::list("phoneNumbers", &PLAIN, "Telephone numbers."),
    Attribute::list("ims", &PLAIN, "Addresses for instant messages."),
    Attribute::list("photos", &PICTURES, "Pictures."),
    Attribute::list("addresses", &ADDRESS, "Postal addresses."),
    Attribute::list("groups", &GROUPS, "Groups the user is a member of.").read_only(),
    Attribute::list("entitlements", &PLAIN, "Entitlements; stored without effect."),
    Attribute::list("roles", &PLAIN, "Roles; stored without effect."),
    Attribute::list("x509Certificates", &CERTIFICATES, "X.509 certificates."),
];

/// Attributes of the enterprise extension.
pub const ENTERPRISE_ATTRIBUTES: [Attribute; 6] = [
    Attribute::text("employeeNumber", "Number of the employee."),
    Attribute::text("costCenter", "Cost center."),
    Attribute::text("organization", "Organization."),
    Attribute::text("division", "Division."),
    Attribute::text("department", "Name of the department."),
    Attribute::new("manager", Type::Complex(&MANAGER), "Manager."),
];

/// Attributes of groups.
pub const GROUP_ATTRIBUTES: [Attribute; 2] = [
    Attribute::text("displayName", "Name.").required().unique(),
    Attribute::list("members", &MEMBERS, "Members."),
];

/// The attributes of one type of resource.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// URN.
    pub urn: &'static str,
    /// Attributes.
    pub attributes: &'static [Attribute],
    /// Extension: its URN and attributes.
    pub extension: Option<(&'static str, &'static [Attribute])>,
}

/// Users.
pub const USERS: Schema = Schema {
    urn: USER,
    attributes: &USER_ATTRIBUTES,
    extension: Some((ENTERPRISE, &ENTERPRISE_ATTRIBUTES)),
};

/// Groups.
pub const GROUPS_SCHEMA: Schema = Schema {
    urn: GROUP,
    attributes: &GROUP_ATTRIBUTES,
    extension: None,
};

impl Schema {
    /// Finds an attribute of the core schema by its name, in any case.
    pub fn core(&self, name: &str) -> Option<&'static Attribute> {
        find(&COMMON, name).or_else(|| find(self.attributes, name))
    }

    /// Finds an attribute of the extension by its name, in any case.
    pub fn extended(&self, name: &str) -> Option<&'static Attribute> {
        find(self.extension?.1, name)
    }
}

/// Finds an attribute by its name, in any case.
pub fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
