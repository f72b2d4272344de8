//! The made-up organisation: the media house Fjordposten in Bergen, its interfaces and its tokens. Data only, written
//! to be read; days are counted back from the moment of the demonstration. `mod.rs` makes rows of it.

use wire::Kind;

/// Those who look after the tokens. The first one signs in to the demonstration.
pub(super) const PEOPLE: [(&str, i64); 3] = [
    ("Ingrid Solberg", 900),
    ("Jonas Berg", 640),
    ("Amalie Nguyen", 210),
];

/// Name, description, whether it is public, made so many days ago.
pub(super) const INTERFACES: [(&str, &str, bool, i64); 8] = [
    (
        "Press photos",
        "Staff and agency photographs with rights for editorial use.",
        false,
        890,
    ),
    (
        "Open archive",
        "Photographs from before 1970 that everybody may see and download.",
        true,
        880,
    ),
    (
        "Video",
        "Finished clips and recordings of live broadcasts.",
        false,
        700,
    ),
    (
        "Podcasts",
        "Episodes, covers and chapters, as they are published.",
        true,
        640,
    ),
    ("Graphics", "Maps, charts and their data.", false, 520),
    (
        "Page proofs",
        "Pages of the paper as PDF, before they go to press.",
        false,
        410,
    ),
    (
        "Readers’ photos",
        "What readers send in. Checked by the desk before anything is shown.",
        false,
        300,
    ),
    ("Brand assets", "Logos, fonts and colours for partners.", true, 95),
];

/// When requests come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rhythm {
    /// People at work: weekdays, most before noon.
    Office,
    /// Readers: every day, from breakfast to bedtime.
    Readers,
    /// A program at night.
    Nightly,
    /// A program all the time.
    Steady,
}

/// How a token was used in the last 60 days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub(super) rhythm: Rhythm,
    /// Requests on a usual day.
    pub(super) per_day: f64,
    /// It began so many days ago.
    pub(super) since: i64,
    /// It ended so many days ago.
    pub(super) until: i64,
    /// One in so many is refused; 0 = none.
    pub(super) refused_one_in: u64,
    /// One in so many mints a temporary token; 0 = none.
    pub(super) minted_one_in: u64,
    /// Addresses of its servers or readers, the busiest first.
    pub(super) addresses: &'static [&'static str],
}

const USE: Use = Use {
    rhythm: Rhythm::Office,
    per_day: 200.0,
    since: 60,
    until: 0,
    refused_one_in: 0,
    minted_one_in: 0,
    addresses: &["203.0.113.20"],
};

/// A secret that was seen where it must not be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// The page; empty = in a URL.
    pub(super) origin: &'static str,
    /// The page itself.
    pub(super) page: &'static str,
    /// First seen so many days ago.
    pub(super) since: i64,
    /// Last seen so many days ago.
    pub(super) until: i64,
    pub(super) count: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Interface, and permissions with a plus between them.
    pub(super) grants: &'static [(&'static str, &'static str)],
    pub(super) lifetime: i64,
    /// Ends in so many days; a negative number has passed.
    pub(super) ends: Option<i64>,
    pub(super) origins: &'static [&'static str],
    pub(super) networks: &'static [&'static str],
    /// Requests, seconds.
    pub(super) rate: Option<(u32, u32)>,
    pub(super) note: &'static str,
    pub(super) contact: &'static str,
    pub(super) reason: &'static str,
    /// Made so many days ago, by this one of [`PEOPLE`].
    pub(super) made: i64,
    pub(super) by: usize,
    /// The current secret was made so many days ago; `None` = it waits for one.
    pub(super) secret: Option<i64>,
    /// The secret before it goes on for so many hours.
    pub(super) overlap: Option<i64>,
    /// Switched off so many days ago.
    pub(super) off: Option<i64>,
    pub(super) used: Option<Use>,
    pub(super) seen: Option<Seen>,
}

const TOKEN: Token = Token {
    name: "",
    kind: Kind::Secret,
    grants: &[],
    lifetime: -1,
    ends: None,
    origins: &[],
    networks: &[],
    rate: None,
    note: "",
    contact: "",
    reason: "",
    made: 100,
    by: 0,
    secret: None,
    overlap: None,
    off: None,
    used: None,
    seen: None,
};

/// The tokens, roughly by age.
pub(super) const TOKENS: &[Token] = &[
    Token {
        name: "WordPress – fjordposten.example",
        grants: &[
            ("Press photos", "read+download"),
            ("Open archive", "read+download"),
            ("Graphics", "read"),
        ],
        note: "The main site. The plug-in asks for a day pass for each editor and for each article page.",
        contact: "Web desk, web@fjordposten.example",
        made: 880,
        secret: Some(120),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 5200.0,
            refused_one_in: 900,
            minted_one_in: 40,
            addresses: &["203.0.113.20", "203.0.113.21", "2001:db8:20::21"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "iOS app",
        grants: &[
            ("Press photos", "read"),
            ("Video", "read"),
            ("Podcasts", "read+download"),
        ],
        lifetime: 3600,
        note: "The app's backend mints a day pass at sign-in. Nothing permanent is in the app itself.",
        contact: "Mobile team, Henrik Dahl",
        made: 610,
        by: 1,
        secret: Some(48),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 3100.0,
            refused_one_in: 700,
            minted_one_in: 12,
            addresses: &["203.0.113.32", "203.0.113.33"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Android app",
        grants: &[
            ("Press photos", "read"),
            ("Video", "read"),
            ("Podcasts", "read+download"),
        ],
        lifetime: 3600,
        contact: "Mobile team, Henrik Dahl",
        made: 605,
        by: 1,
        secret: Some(48),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 4400.0,
            refused_one_in: 650,
            minted_one_in: 12,
            addresses: &["203.0.113.34", "203.0.113.35"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Editorial system (Saxo)",
        grants: &[
            ("Press photos", "read+download+upload+edit"),
            ("Graphics", "read+download+upload"),
            ("Page proofs", "read+upload+delete"),
            ("Video", "read+upload"),
        ],
        networks: &["10.20.0.0/16"],
        rate: Some((600, 60)),
        note: "Only from the newsroom's network. Deletes old page proofs after 30 days.",
        contact: "Newsroom IT, +47 55 00 00 12",
        reason: "Journalists file pictures, graphics and pages from here; the system clears old proofs.",
        made: 870,
        secret: Some(410),
        used: Some(Use {
            per_day: 1900.0,
            refused_one_in: 400,
            addresses: &["10.20.4.11", "10.20.4.12"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Newsletter “Morgenposten”",
        grants: &[("Press photos", "read"), ("Graphics", "read")],
        contact: "Audience team, Sara Lund",
        made: 450,
        by: 1,
        secret: Some(372),
        used: Some(Use {
            rhythm: Rhythm::Nightly,
            per_day: 240.0,
            addresses: &["198.51.100.7"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Print production",
        grants: &[
            ("Page proofs", "read+download"),
            ("Press photos", "read+download"),
        ],
        networks: &["10.20.8.0/24"],
        contact: "Print, Geir Haugen",
        made: 405,
        secret: Some(200),
        used: Some(Use {
            rhythm: Rhythm::Nightly,
            per_day: 480.0,
            addresses: &["10.20.8.3"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Archive search (public page)",
        kind: Kind::Public,
        grants: &[("Open archive", "read+download")],
        ends: Some(240),
        origins: &["https://arkiv.fjordposten.example"],
        rate: Some((120, 60)),
        note: "Stands in the page itself; only the open archive.",
        contact: "Archive, Randi Moe",
        made: 320,
        by: 1,
        secret: Some(125),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 1500.0,
            refused_one_in: 60,
            addresses: &["192.0.2.14", "192.0.2.77", "198.51.100.201", "2001:db8:9::5"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Podcast player",
        kind: Kind::Public,
        grants: &[("Podcasts", "read+download")],
        ends: Some(9),
        origins: &[
            "https://podkast.fjordposten.example",
            "https://www.fjordposten.example",
        ],
        rate: Some((300, 60)),
        contact: "Audio, Maja Eide",
        made: 356,
        by: 2,
        secret: Some(356),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 2200.0,
            refused_one_in: 300,
            addresses: &["192.0.2.31", "192.0.2.90", "198.51.100.44"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Weather widget",
        grants: &[("Graphics", "read")],
        note: "Found in the widget's JavaScript. The supplier has been told; replace it as soon as they have moved.",
        contact: "Nordavind Data AS, support@nordavind.example",
        made: 260,
        by: 1,
        secret: Some(260),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 380.0,
            refused_one_in: 2,
            addresses: &["198.51.100.80"],
            ..USE
        }),
        seen: Some(Seen {
            origin: "https://vaer.nordavind.example",
            page: "https://vaer.nordavind.example/kart",
            since: 6,
            until: 0,
            count: 1934,
        }),
        ..TOKEN
    },
    Token {
        name: "Old photo gallery",
        grants: &[("Press photos", "read+download")],
        note: "Still asks with ?token= in the address.",
        contact: "Web desk",
        made: 700,
        secret: Some(700),
        used: Some(Use {
            per_day: 14.0,
            refused_one_in: 3,
            addresses: &["203.0.113.60"],
            ..USE
        }),
        seen: Some(Seen {
            origin: "",
            page: "",
            since: 41,
            until: 3,
            count: 122,
        }),
        ..TOKEN
    },
    Token {
        name: "Content sharing – Sørlandsavisen",
        grants: &[("Press photos", "read+download"), ("Video", "read")],
        ends: Some(12),
        rate: Some((60, 60)),
        note: "Agreement until the end of the period; ask Jonas before it is extended.",
        contact: "Sørlandsavisen, redaksjon@sorland.example",
        made: 350,
        by: 1,
        secret: Some(170),
        used: Some(Use {
            per_day: 95.0,
            refused_one_in: 50,
            addresses: &["192.0.2.200"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Content sharing – Vestavind",
        grants: &[("Press photos", "read+download")],
        ends: Some(180),
        contact: "Vestavind, digital@vestavind.example",
        made: 185,
        by: 1,
        secret: Some(185),
        used: Some(Use {
            per_day: 60.0,
            addresses: &["192.0.2.210"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Video transcoder",
        grants: &[("Video", "read+download+upload")],
        networks: &["10.20.30.0/24", "2001:db8:30::/48"],
        contact: "Video engineering, Tor Aas",
        reason: "Writes the finished formats beside each recording.",
        made: 500,
        by: 2,
        secret: Some(90),
        used: Some(Use {
            rhythm: Rhythm::Steady,
            per_day: 900.0,
            addresses: &["10.20.30.5", "10.20.30.6"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Live studio",
        grants: &[("Video", "upload+edit")],
        networks: &["10.20.31.0/24"],
        contact: "Video engineering, Tor Aas",
        reason: "Uploads recordings when a broadcast ends.",
        made: 230,
        by: 2,
        secret: Some(3),
        overlap: Some(52),
        used: Some(Use {
            per_day: 36.0,
            addresses: &["10.20.31.2"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Readers’ upload form",
        grants: &[("Readers’ photos", "upload")],
        lifetime: 600,
        rate: Some((30, 60)),
        note: "The form's backend mints a ten-minute pass for each visitor.",
        contact: "Web desk, web@fjordposten.example",
        reason: "Readers send pictures in; they can neither see nor change anything.",
        made: 290,
        secret: Some(110),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 130.0,
            refused_one_in: 25,
            minted_one_in: 2,
            addresses: &["203.0.113.20"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Moderation desk",
        grants: &[
            ("Readers’ photos", "read+edit+delete"),
            ("Press photos", "read+upload"),
        ],
        contact: "Amalie Nguyen",
        reason: "The desk accepts pictures, or removes them for good.",
        made: 280,
        by: 2,
        secret: Some(60),
        used: Some(Use {
            per_day: 210.0,
            refused_one_in: 200,
            addresses: &["10.20.4.40"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Backup to the vault",
        grants: &[
            ("Press photos", "read+download"),
            ("Open archive", "read+download"),
            ("Video", "read+download"),
            ("Graphics", "read+download"),
            ("Page proofs", "read+download"),
            ("Readers’ photos", "read+download"),
        ],
        networks: &["10.20.40.9/32"],
        note: "Every night at two. An alarm goes to operations when it is missing.",
        contact: "Operations, drift@fjordposten.example",
        made: 640,
        secret: Some(300),
        used: Some(Use {
            rhythm: Rhythm::Nightly,
            per_day: 2600.0,
            addresses: &["10.20.40.9"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Migration 2025",
        grants: &[
            ("Press photos", "read+download+upload+edit+delete"),
            ("Open archive", "read+download+upload+edit"),
            ("Graphics", "read+upload+edit+delete"),
        ],
        note: "Was needed for the move to the new picture store. Can it go?",
        contact: "Konsulentene AS, Per Vik",
        reason: "Moves all pictures to the new store.",
        made: 330,
        secret: Some(330),
        used: None,
        ..TOKEN
    },
    Token {
        name: "Face recognition trial",
        grants: &[("Press photos", "read")],
        ends: Some(-20),
        contact: "Innovation, Lise Holm",
        made: 110,
        by: 2,
        secret: Some(110),
        used: Some(Use {
            per_day: 45.0,
            until: 22,
            addresses: &["198.51.100.150"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Election night 2025",
        grants: &[("Graphics", "read+upload")],
        ends: Some(-60),
        contact: "Data desk",
        reason: "Results every minute.",
        made: 150,
        by: 1,
        secret: Some(140),
        ..TOKEN
    },
    Token {
        name: "Summer campaign page",
        kind: Kind::Public,
        grants: &[("Brand assets", "read")],
        ends: Some(-5),
        origins: &["https://sommer.fjordposten.example"],
        rate: Some((60, 60)),
        contact: "Marketing, Nora Lie",
        made: 94,
        by: 2,
        secret: Some(94),
        used: Some(Use {
            rhythm: Rhythm::Readers,
            per_day: 320.0,
            until: 5,
            addresses: &["192.0.2.51", "192.0.2.63"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "TV screens in the lobby",
        grants: &[("Press photos", "read"), ("Video", "read")],
        contact: "Facilities",
        made: 240,
        secret: Some(240),
        used: Some(Use {
            rhythm: Rhythm::Steady,
            per_day: 150.0,
            addresses: &["10.20.60.2"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Partner portal",
        grants: &[("Brand assets", "read+download")],
        contact: "Marketing, Nora Lie",
        made: 90,
        by: 2,
        secret: Some(88),
        used: Some(Use {
            per_day: 22.0,
            addresses: &["203.0.113.70"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Statistics export",
        grants: &[("Press photos", "read"), ("Video", "read"), ("Podcasts", "read")],
        contact: "Insight, Kjetil Rønning",
        made: 200,
        by: 1,
        secret: Some(34),
        ..TOKEN
    },
    Token {
        name: "School newspaper project",
        grants: &[("Open archive", "read+download")],
        ends: Some(75),
        note: "Nordnes school borrows pictures this term.",
        contact: "Nordnes skole, rektor@nordnes.example",
        made: 40,
        by: 2,
        secret: Some(40),
        used: Some(Use {
            per_day: 9.0,
            since: 38,
            addresses: &["192.0.2.140"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Zapier trial",
        grants: &[("Press photos", "read+upload")],
        contact: "Audience team",
        reason: "Tried to publish to social media.",
        made: 175,
        by: 1,
        secret: Some(175),
        off: Some(30),
        used: Some(Use {
            per_day: 12.0,
            until: 30,
            addresses: &["198.51.100.99"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Former supplier – Bildebyrå AS",
        grants: &[("Press photos", "read+upload")],
        note: "Contract ended. Delete after the audit.",
        contact: "Bildebyrå AS",
        reason: "Delivered agency pictures.",
        made: 800,
        secret: Some(800),
        off: Some(14),
        used: Some(Use {
            per_day: 70.0,
            until: 14,
            refused_one_in: 30,
            addresses: &["198.51.100.12"],
            ..USE
        }),
        ..TOKEN
    },
    Token {
        name: "Test environment",
        grants: &[("Graphics", "read+upload+edit+delete")],
        contact: "Web desk",
        reason: "Automatic tests write and clean up.",
        made: 55,
        secret: None,
        off: Some(54),
        ..TOKEN
    },
    Token {
        name: "Smart TV app",
        grants: &[("Video", "read")],
        lifetime: 1800,
        note: "The supplier gets the secret by claim when their server is ready.",
        contact: "Skjermfabrikken AS, dev@skjerm.example",
        made: 4,
        by: 2,
        ..TOKEN
    },
    Token {
        name: "Sports results feed",
        contact: "Sports desk, Ola Nesse",
        note: "Rights to be agreed.",
        made: 1,
        ..TOKEN
    },
];
