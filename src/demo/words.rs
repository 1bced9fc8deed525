//! Names for the people, tasks and records of the sample company.

/// A department: name, index of its parent, number of people, and positions.
pub type Department = (&'static str, Option<usize>, usize, &'static [&'static str]);

/// The departments, parents before children, with 200 people in total.
pub const DEPARTMENTS: &[Department] = &[
    (
        "Harbour & Hill",
        None,
        4,
        &["Managing Director", "Assistant to the Board", "Head of IT"],
    ),
    (
        "Sales",
        Some(0),
        6,
        &["Sales Director", "Sales Analyst", "Sales Coordinator"],
    ),
    (
        "Sales North",
        Some(1),
        18,
        &["Regional Manager", "Account Manager", "Sales Representative"],
    ),
    (
        "Sales South",
        Some(1),
        18,
        &["Regional Manager", "Account Manager", "Sales Representative"],
    ),
    (
        "Key Accounts",
        Some(1),
        9,
        &["Key Account Lead", "Key Account Manager"],
    ),
    (
        "Marketing",
        Some(0),
        14,
        &["Marketing Director", "Campaign Manager", "Copywriter", "Designer"],
    ),
    (
        "Engineering",
        Some(0),
        6,
        &["Engineering Director", "Architect", "Release Manager"],
    ),
    (
        "Platform",
        Some(6),
        20,
        &["Team Lead", "Software Engineer", "Site Reliability Engineer"],
    ),
    (
        "Mobile",
        Some(6),
        14,
        &["Team Lead", "Mobile Engineer", "UX Engineer"],
    ),
    ("Quality", Some(6), 11, &["Team Lead", "Test Engineer"]),
    ("Operations", Some(0), 6, &["Operations Director", "Planner"]),
    (
        "Logistics",
        Some(10),
        24,
        &["Warehouse Manager", "Dispatcher", "Warehouse Clerk", "Driver"],
    ),
    (
        "Customer Care",
        Some(10),
        22,
        &["Care Manager", "Support Agent", "Returns Specialist"],
    ),
    (
        "Finance",
        Some(0),
        16,
        &["Finance Director", "Controller", "Accountant", "Payroll Clerk"],
    ),
    (
        "People & Culture",
        Some(0),
        12,
        &["Head of People", "Recruiter", "People Partner"],
    ),
];

/// The indices of the sales departments.
pub const SELLING: std::ops::Range<usize> = 1..5;

/// Given names.
pub const GIVEN: &[&str] = &[
    "Amara", "Anna", "Aylin", "Björn", "Carla", "Chen", "Claire", "Daniel", "Deepa", "Diego", "Elif", "Emil",
    "Emma", "Farid", "Fatima", "Felix", "Freja", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas",
    "José", "Kaito", "Karim", "Keiko", "Lars", "Léa", "Lena", "Liam", "Lucía", "Maja", "Marco", "Mei",
    "Milan", "Mina", "Nadia", "Noah", "Nora", "Olga", "Omar", "Oskar", "Paula", "Pavel", "Priya", "Rahel",
    "Ravi", "Rosa", "Samir", "Sofia", "Tariq", "Tessa", "Thabo", "Vera", "Wanda", "Yara", "Yusuf", "Zoë",
];

/// Family names.
pub const FAMILY: &[&str] = &[
    "Abara",
    "Ahmed",
    "Alvarez",
    "Andersen",
    "Bauer",
    "Becker",
    "Benali",
    "Borg",
    "Castro",
    "Chanda",
    "Cohen",
    "Costa",
    "Demir",
    "Diallo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Fontana",
    "García",
    "Gruber",
    "Haddad",
    "Hansen",
    "Horváth",
    "Ito",
    "Jansen",
    "Jovanović",
    "Kaya",
    "Khan",
    "Kim",
    "Kowalska",
    "Kumar",
    "Larsen",
    "Lindqvist",
    "Lopez",
    "Maier",
    "Mbeki",
    "Meyer",
    "Moreau",
    "Mori",
    "Müller",
    "Nakamura",
    "Novak",
    "Okafor",
    "Olsen",
    "Papas",
    "Patel",
    "Petrov",
    "Quist",
    "Reyes",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Singh",
    "Sørensen",
    "Tanaka",
    "Toth",
    "Virtanen",
    "Weber",
    "Yılmaz",
];

/// Parts of task titles.
pub const TASKS: &[(&str, &str)] = &[
    ("Prepare", "the quarterly report for"),
    ("Review", "the contract with"),
    ("Update", "the price list for"),
    ("Call", "the buyer at"),
    ("Write", "the offer for"),
    ("Check", "the delivery to"),
    ("Plan", "the visit to"),
    ("Answer", "the complaint of"),
    ("Fix", "the interface to"),
    ("Test", "the release for"),
    ("Book", "the training with"),
    ("Close", "the books of"),
    ("Renew", "the licence of"),
    ("Collect", "the feedback of"),
];

/// First and second parts of company names.
pub const FIRMS: (&[&str], &[&str]) = (
    &[
        "Alder",
        "Amber",
        "Birch",
        "Blue Door",
        "Cedar",
        "Copper",
        "Delta",
        "Ember",
        "Fjord",
        "Granite",
        "Harvest",
        "Iron Gate",
        "Juniper",
        "Kestrel",
        "Lantern",
        "Maple",
        "North Star",
        "Orchard",
        "Pebble",
        "Quarry",
        "River",
        "Saffron",
        "Tide",
        "Umber",
        "Violet",
        "Willow",
    ],
    &[
        "Bakery",
        "Cycles",
        "Dairy",
        "Foods",
        "Furniture",
        "Hotels",
        "Instruments",
        "Logistics",
        "Print",
        "Textiles",
    ],
);

/// Products.
pub const GOODS: &[&str] = &[
    "oak shelving",
    "pallet racks",
    "packing benches",
    "trolleys",
    "cold boxes",
    "service contract",
    "spare parts",
];

/// Stages of leads, deals, quotes and invoices: open ones, then closed ones.
pub const STAGES: &[(&[&str], &[&str])] = &[
    (&["NEW", "CONTACTED", "QUALIFIED"], &["CONVERTED", "JUNK"]),
    (&["DISCOVERY", "PROPOSAL", "NEGOTIATION"], &["WON", "LOST"]),
    (&["DRAFT", "SENT"], &["ACCEPTED", "DECLINED"]),
    (&["DRAFT", "SENT", "OVERDUE"], &["PAID"]),
];

/// Reasons for leaving.
pub const REASONS: &[&str] = &[
    "Moved to another city",
    "Found another job",
    "Retired",
    "End of contract",
    "Back to university",
];
