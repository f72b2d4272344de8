//! The documents’ texts in Norwegian bokmål. The reader is addressed as “du”.

use wire::{ErrorCode, Permission};

use super::{Claim, Common, Errors, Import, Login, Refusals, Setup, Strongroom, Texts, Tls, Unit};

pub(super) const TEXTS: Texts = Texts {
    common: Common {
        months: [
            "januar",
            "februar",
            "mars",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "desember",
        ],
        moment: |m| {
            format!(
                "{}. {} {} kl. {}.{} UTC",
                m.day, m.month, m.year, m.hour, m.minute
            )
        },
        duration: |number, unit| {
            let (one, more) = match unit {
                Unit::Second => ("sekund", "sekunder"),
                Unit::Minute => ("minutt", "minutter"),
                Unit::Hour => ("time", "timer"),
                Unit::Day => ("dag", "dager"),
            };
            format!("{number} {}", if number == 1 { one } else { more })
        },
        permission: |permission| match permission {
            Permission::Read => "lese",
            Permission::Download => "laste ned",
            Permission::Upload => "laste opp",
            Permission::Edit => "redigere",
            Permission::Delete => "slette",
            Permission::Introspect => "slå opp tokener",
        },
        no_rights: "ingen rettigheter ennå",
        more_interfaces: |more| match more {
            1 => "1 grensesnitt til".to_owned(),
            more => format!("{more} grensesnitt til"),
        },
        go_to_overview: "Gå til oversikten",
    },
    login: Login {
        title: "Logg inn",
        name: "Navn",
        password: "Passord",
        failed: "Navnet eller passordet er feil.",
        failed_advice: "Kontroller begge og prøv igjen. Passordet skiller mellom store og små bokstaver.",
        throttled: "For mange forsøk.",
        throttled_advice: |text| format!("Vent {text}, og prøv så igjen. Ingenting er sperret for godt."),
        signed_out: "Du er logget ut.",
        again: "Økten din er avsluttet. Logg inn igjen for å fortsette.",
        done: "Du er logget inn",
        done_as: |text| format!("Som {text}."),
        done_close: "Du kan lukke denne fanen. Daypass fortsetter der du slapp.",
        done_open: "Åpne Daypass her i stedet",
    },
    setup: Setup {
        title: "Opprett den første administratoren",
        lead: "Serveren skrev ut en engangskode for oppsett da den startet. Den viser at serveren er din.",
        expired: "Oppsettkoden er utløpt",
        expired_lead: "Ingenting ble endret, og det finnes ingen administrator ennå.",
        expired_advice: "Start Daypass på nytt for å få en ny kode, og åpne lenken som skrives ut.",
        closed: "Det finnes allerede en administrator",
        closed_lead: "Oppsettet er ferdig, og koden kan ikke brukes mer.",
        refused: "Administratoren er ikke opprettet ennå.",
        code: "Oppsettkode",
        code_hint: "Fra det serveren skrev ut. Den virker én gang.",
        name_hint: "Til innlogging, og vises ved siden av det du gjør.",
        password_hint: |number| format!("Minst {number} tegn. Langt er bedre enn komplisert."),
        password_again: "Passordet en gang til",
        submit: "Opprett administrator",
        wrong_code: "Dette er ikke oppsettkoden. Kopier den på nytt fra det serveren skrev ut: den nyeste gjelder.",
        too_many_codes: |text| format!("For mange feil koder. Vent {text}, og prøv så igjen."),
        name_required: "Skriv et navn å logge inn med.",
        name_too_long: |number| format!("Bruk høyst {number} tegn i navnet."),
        name_hidden: "Navnet inneholder et tegn som ikke vises. Skriv det på nytt i stedet for å lime det inn.",
        name_token: "Navnet inneholder noe som ligner et API-token. Velg et annet navn.",
        name_other: "Navnet kan ikke brukes. Velg et annet.",
        password_too_short: |number| format!("Bruk minst {number} tegn."),
        password_too_long: |number| format!("Bruk høyst {number} tegn."),
        password_weak: "Passordet er for lett å gjette. Noen få ord som ikke hører sammen, er vanskelige å gjette og lette å huske.",
        passwords_differ: "De to passordene er ikke like. Skriv begge på nytt.",
    },
    strongroom: Strongroom {
        secret_kind: "hemmelig token",
        public_kind: "offentlig token",
        secret_advice: "Lagre den i serverens miljø, aldri i en nettside, en app eller et kodelager.",
        public_advice: "Sett den inn i siden din. Den virker bare fra tokenets opphav og innenfor grensene.",
        title: |text| format!("Hemmeligheten til «{text}»"),
        select: "Klikk på den én gang, eller trykk Ctrl+A (⌘A): bare hemmeligheten blir merket. Kopier den så.",
        once: "Den kan ikke vises igjen.",
        lost: " Mistet den senere? Bytt hemmeligheten på tokenets side: navn og rettigheter består.",
        previous: "Den forrige hemmeligheten, ",
        previous_stopped: ", virker ikke lenger.",
        previous_until: ", virker til ",
        in_use: "Nøkkelen er i bruk",
        in_use_lead: |text| format!("«{text}» kan brukes med den fra nå av."),
        hint: "Du kjenner den igjen på dette hintet",
        in_use_lost: "Daypass kan ikke vise selve nøkkelen. Mistet den senere? Bytt den på tokenets side: navn og rettigheter består.",
        already: "Dette ble vist én gang",
        already_lead: |text| {
            format!(
                "Ingenting ble endret nå: ingen ny hemmelighet ble laget, og den til «{text}» virker fortsatt."
            )
        },
        stored: "Har du lagret den? ",
        stored_advice: "Alt er i orden, lukk dette.",
        not_stored: "Har du ikke? ",
        not_stored_advice: "Bytt hemmeligheten på tokenets side. Navn og rettigheter består.",
    },
    claim: Claim {
        title: |text| format!("En kommando for «{text}»"),
        curl: "Kjør denne på serveren som skal ha hemmeligheten. Den skriver ut hemmeligheten og ingenting annet.",
        program: "Eller der Daypass-programmet finnes: Det lagrer hemmeligheten i .env som DAYPASS_TOKEN og skriver ikke ut noe.",
        select: "Klikk én gang på en kommando, så er hele markert. Kopier den deretter.",
        once: "Den virker én gang,",
        until: " til ",
        any_network: ", fra hvilket som helst nettverk. Andre gangs bruk, eller bruk fra en nettleser, gir ingenting ut og utløser en alarm.",
        network: |text| {
            format!(
                ", og bare fra {text}. Andre gangs bruk, eller bruk fra en nettleser eller et annet nettverk, gir ingenting ut og utløser en alarm."
            )
        },
        made_then: "Det finnes ingen ny hemmelighet ennå. Den blir laget i det øyeblikket serveren henter den.",
        stops: " Den forrige hemmeligheten slutter å virke i det øyeblikket.",
        goes_on: |text| format!(" Den forrige hemmeligheten virker i {text} fra da av."),
    },
    import: Import {
        title: |text| format!("En eksisterende nøkkel for «{text}»"),
        key: "Eksisterende nøkkel",
        key_hint: "20 til 255 synlige ASCII-tegn uten mellomrom. Daypass lagrer bare et fingeravtrykk og et hint.",
        stops: "Den forrige hemmeligheten slutter å virke i samme øyeblikk.",
        goes_on: |text| format!("Den forrige hemmeligheten virker i {text} til."),
        submit: "Bruk denne nøkkelen",
        required: "Skriv eller lim inn nøkkelen.",
        too_short: "Nøkkelen er for kort: den må ha minst 20 tegn.",
        too_long: "Nøkkelen er for lang: høyst 255 tegn er tillatt.",
        not_printable: "Nøkkelen inneholder et mellomrom eller et tegn utenfor synlig ASCII. Lim den inn uten anførselstegn.",
        own_prefix: "Nøkler som begynner med dps_ eller dpp_, lages bare av Daypass. La Daypass lage hemmeligheten for å få en slik.",
        weak: "Nøkkelen er for lett å gjette. Bruk en som er laget tilfeldig, eller la Daypass lage den.",
        in_use: "Denne nøkkelen hører allerede til et token. Hvert token trenger sin egen nøkkel.",
    },
    refusals: Refusals {
        nothing_changed: |text| format!("{text} Ingenting ble endret."),
        expired: "Tiden er ute",
        expired_why: "En hemmelighet overleveres innen ti minutter.",
        expired_next: "Lukk dette og begynn på nytt på tokenets side.",
        foreign: "Dette kan ikke åpnes her",
        foreign_why: "Det ble forberedt for en annen økt eller for noe annet.",
        foreign_next: "Lukk dette og begynn på nytt på tokenets side. Hvis du har logget inn på nytt i mellomtiden, er det grunnen.",
        changed: "Tokenet er endret",
        changed_why: "Det ble slettet, eller en annen administrator endret det i mellomtiden.",
        changed_next: "Lukk dette og se på tokenet igjen.",
        not_from_here: "Dette åpnes bare fra appen",
        not_from_here_why: "En hemmelighet vises én gang, i en dialog i appen, og aldri på en egen adresse.",
        not_from_here_next: "Åpne tokenets side i Daypass og velg å overlevere eller bytte hemmeligheten.",
    },
    errors: Errors {
        status: |number| format!("Status {number}"),
        log: ". Serverens logg har mer under ",
        nothing_here: "Her er det ingenting",
        nothing_here_detail: "Adressen kan være feilskrevet, eller det som var her, er borte.",
        of_code: |code| {
            Some(match code {
                ErrorCode::Unauthenticated => ("Ikke logget inn", "Logg inn for å fortsette."),
                ErrorCode::Forbidden => (
                    "Ikke tillatt",
                    "Forespørselen kommer ikke fra en av våre egne sider. Åpne Daypass på nytt og prøv derfra.",
                ),
                ErrorCode::ReauthenticationRequired => {
                    ("Logg inn igjen", "Økten er for gammel for dette. Logg inn igjen.")
                }
                ErrorCode::NotFound => (
                    "Ikke funnet",
                    "Dette finnes ikke, eller det er slettet i mellomtiden.",
                ),
                ErrorCode::InvalidRequest => (
                    "Forespørselen er ikke gyldig",
                    "Noe i skjemaet mangler eller er for stort. Gå tilbake, kontroller det og send det på nytt.",
                ),
                ErrorCode::Conflict => (
                    "Konflikt",
                    "Noen andre har endret dette i mellomtiden. Ingenting ble endret nå.",
                ),
                ErrorCode::RateLimited => ("For mange forespørsler", "Vent litt, og prøv så igjen."),
                ErrorCode::ApiDisabled => (
                    "API-tilgangen er slått av",
                    "En administrator har slått av API-tilgangen.",
                ),
                ErrorCode::Internal => (
                    "Intern feil på serveren",
                    "Noe gikk galt hos oss. Serverens logg har årsaken under forespørselens id.",
                ),
                _ => (
                    "Dette gikk ikke",
                    "Forespørselen ble avvist, og ingenting ble endret.",
                ),
            })
        },
    },
    tls: Tls {
        title: "Sett opp TLS først",
        lead: "Du kom over vanlig http. Passord og hemmeligheter ville blitt sendt lesbart, og nettleseren ville ikke beholdt innloggingskapselen. Derfor fortsetter ikke Daypass her.",
        tell: "Fortell Daypass adressen, i konfigurasjonsfilen:",
        or_as: "eller som ",
        restart: " i miljøet. Start det så på nytt.",
        proxy: "Sett en server som snakker TLS foran. Med Caddy, som henter sertifikatet selv:",
        with_nginx: "Med nginx:",
        headers: "Daypass stoler på disse hodene fra en proxy, så begge eksemplene fjerner det en besøkende sender av dem.",
        open: |text| format!("Åpne {text}."),
        trying: "Bare prøver? På selve maskinen, eller gjennom en SSH-tunnel, virker ",
        trying_works: " uten TLS.",
    },
};
