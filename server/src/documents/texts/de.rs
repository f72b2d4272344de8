//! The documents’ texts in German. The reader is addressed as “Sie”.

use wire::{ErrorCode, Permission};

use super::{Claim, Common, Errors, Import, Login, Refusals, Setup, Strongroom, Texts, Tls, Unit};

pub(super) const TEXTS: Texts = Texts {
    common: Common {
        months: [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        moment: |m| {
            format!(
                "{}. {} {}, {}:{} Uhr UTC",
                m.day, m.month, m.year, m.hour, m.minute
            )
        },
        duration: |number, unit| {
            let (one, more) = match unit {
                Unit::Second => ("Sekunde", "Sekunden"),
                Unit::Minute => ("Minute", "Minuten"),
                Unit::Hour => ("Stunde", "Stunden"),
                Unit::Day => ("Tag", "Tage"),
            };
            format!("{number} {}", if number == 1 { one } else { more })
        },
        permission: |permission| match permission {
            Permission::Read => "lesen",
            Permission::Download => "herunterladen",
            Permission::Upload => "hochladen",
            Permission::Edit => "bearbeiten",
            Permission::Delete => "löschen",
            Permission::Introspect => "Token prüfen",
        },
        no_rights: "noch keine Rechte",
        more_interfaces: |more| match more {
            1 => "1 weitere Schnittstelle".to_owned(),
            more => format!("{more} weitere Schnittstellen"),
        },
        go_to_overview: "Zur Übersicht",
    },
    login: Login {
        title: "Anmelden",
        name: "Name",
        password: "Passwort",
        failed: "Name oder Passwort ist falsch.",
        failed_advice: "Prüfen Sie beides und versuchen Sie es noch einmal. Im Passwort zählt die Großschreibung.",
        throttled: "Zu viele Versuche.",
        throttled_advice: |text| {
            format!("Warten Sie {text} und versuchen Sie es dann noch einmal. Nichts ist auf Dauer gesperrt.")
        },
        signed_out: "Sie sind abgemeldet.",
        again: "Ihre Sitzung ist beendet. Melden Sie sich wieder an, um fortzufahren.",
        done: "Sie sind angemeldet",
        done_as: |text| format!("Als {text}."),
        done_close: "Sie können diesen Tab schließen. Daypass macht dort weiter, wo Sie waren.",
        done_open: "Daypass stattdessen hier öffnen",
    },
    setup: Setup {
        title: "Die erste Person für die Verwaltung anlegen",
        lead: "Der Server hat beim Start einen einmaligen Einrichtungscode ausgegeben. Er belegt, dass dieser Server Ihnen gehört.",
        expired: "Der Einrichtungscode ist abgelaufen",
        expired_lead: "Nichts wurde geändert, und es gibt noch niemanden in der Verwaltung.",
        expired_advice: "Starten Sie Daypass neu, um einen neuen Code zu erhalten, und öffnen Sie den Link, den es ausgibt.",
        closed: "Die Verwaltung ist schon eingerichtet",
        closed_lead: "Die Einrichtung ist abgeschlossen, und ihr Code nützt nichts mehr.",
        refused: "Es wurde noch niemand angelegt.",
        code: "Einrichtungscode",
        code_hint: "Aus der Ausgabe des Servers. Er gilt einmal.",
        name_hint: "Zum Anmelden; steht auch neben dem, was Sie tun.",
        password_hint: |number| format!("Mindestens {number} Zeichen. Lang ist besser als kompliziert."),
        password_again: "Passwort wiederholen",
        submit: "Anlegen",
        wrong_code: "Das ist nicht der Einrichtungscode. Kopieren Sie ihn noch einmal aus der Ausgabe des Servers: Es gilt der neueste.",
        too_many_codes: |text| {
            format!("Zu viele falsche Codes. Warten Sie {text} und versuchen Sie es dann noch einmal.")
        },
        name_required: "Geben Sie einen Namen zum Anmelden ein.",
        name_too_long: |number| format!("Der Name darf höchstens {number} Zeichen haben."),
        name_hidden: "Der Name enthält ein unsichtbares Zeichen. Tippen Sie ihn neu, statt ihn einzufügen.",
        name_token: "Der Name enthält etwas, das wie ein API-Token aussieht. Wählen Sie einen anderen.",
        name_other: "Der Name kann nicht verwendet werden. Wählen Sie einen anderen.",
        password_too_short: |number| format!("Verwenden Sie mindestens {number} Zeichen."),
        password_too_long: |number| format!("Verwenden Sie höchstens {number} Zeichen."),
        password_weak: "Dieses Passwort ist zu leicht zu erraten. Ein paar Wörter, die nicht zusammengehören, sind schwer zu erraten und leicht zu merken.",
        passwords_differ: "Die beiden Passwörter stimmen nicht überein. Geben Sie beide noch einmal ein.",
    },
    strongroom: Strongroom {
        secret_kind: "geheimes Token",
        public_kind: "öffentliches Token",
        secret_advice: "Legen Sie es in der Umgebung des Servers ab, nie in einer Seite, einer App oder einem Repository.",
        public_advice: "Setzen Sie es in Ihre Seite ein. Es gilt nur von den Ursprüngen des Tokens aus und innerhalb seiner Grenzen.",
        title: |text| format!("Das Geheimnis von „{text}“"),
        select: "Klicken Sie es einmal an oder drücken Sie Strg+A (⌘A): Nur das Geheimnis wird markiert. Kopieren Sie es dann.",
        once: "Es kann nicht noch einmal angezeigt werden.",
        lost: " Später verloren? Ersetzen Sie das Geheimnis auf der Seite des Tokens: Name und Rechte bleiben.",
        previous: "Das vorige Geheimnis, ",
        previous_stopped: ", gilt nicht mehr.",
        previous_until: ", gilt bis ",
        in_use: "Der Schlüssel ist in Gebrauch",
        in_use_lead: |text| format!("„{text}“ kann ab jetzt damit verwendet werden."),
        hint: "Sie erkennen ihn an diesem Hinweis",
        in_use_lost: "Daypass kann den Schlüssel selbst nicht anzeigen. Später verloren? Ersetzen Sie ihn auf der Seite des Tokens: Name und Rechte bleiben.",
        already: "Das wurde schon einmal angezeigt",
        already_lead: |text| {
            format!(
                "Eben wurde nichts geändert: Es wurde kein neues Geheimnis erzeugt, und das von „{text}“ gilt weiter."
            )
        },
        stored: "Sie haben es abgelegt? ",
        stored_advice: "Alles in Ordnung, schließen Sie dies.",
        not_stored: "Sie haben es nicht? ",
        not_stored_advice: "Ersetzen Sie das Geheimnis auf der Seite des Tokens. Name und Rechte bleiben.",
    },
    claim: Claim {
        title: |text| format!("Ein Befehl für „{text}“"),
        curl: "Führen Sie ihn auf dem Server aus, der das Geheimnis haben soll. Er gibt das Geheimnis aus und sonst nichts.",
        program: "Oder dort, wo es das Programm von Daypass gibt: Es speichert das Geheimnis in .env als DAYPASS_TOKEN und gibt nichts aus.",
        select: "Klicken Sie einen Befehl einmal an, dann ist er ganz markiert. Kopieren Sie ihn danach.",
        once: "Er funktioniert einmal,",
        until: " bis ",
        any_network: ", aus jedem Netz. Bei einer zweiten Verwendung oder einer aus einem Browser wird nichts herausgegeben und Alarm ausgelöst.",
        network: |text| {
            format!(
                ", und nur aus {text}. Bei einer zweiten Verwendung oder einer aus einem Browser oder einem anderen Netz wird nichts herausgegeben und Alarm ausgelöst."
            )
        },
        made_then: "Es gibt noch kein neues Geheimnis. Es entsteht in dem Moment, in dem der Server es abholt.",
        stops: " Das vorherige Geheimnis funktioniert ab diesem Moment nicht mehr.",
        goes_on: |text| format!(" Das vorherige Geheimnis funktioniert von da an noch {text}."),
    },
    import: Import {
        title: |text| format!("Ein vorhandener Schlüssel für „{text}“"),
        key: "Vorhandener Schlüssel",
        key_hint: "20 bis 255 druckbare ASCII-Zeichen ohne Leerzeichen. Daypass behält nur einen Fingerabdruck und einen Hinweis davon.",
        stops: "Das vorige Geheimnis gilt von da an nicht mehr.",
        goes_on: |text| format!("Das vorige Geheimnis gilt noch {text} weiter."),
        submit: "Diesen Schlüssel verwenden",
        required: "Geben Sie den Schlüssel ein oder fügen Sie ihn ein.",
        too_short: "Der Schlüssel ist zu kurz: Er braucht mindestens 20 Zeichen.",
        too_long: "Der Schlüssel ist zu lang: Höchstens 255 Zeichen sind erlaubt.",
        not_printable: "Der Schlüssel enthält ein Leerzeichen oder ein Zeichen außerhalb von druckbarem ASCII. Fügen Sie ihn ohne Anführungszeichen ein.",
        own_prefix: "Schlüssel, die mit dps_ oder dpp_ beginnen, erzeugt nur Daypass. Lassen Sie dafür Daypass das Geheimnis erzeugen.",
        weak: "Der Schlüssel ist zu leicht zu erraten. Nehmen Sie einen zufällig erzeugten, oder lassen Sie Daypass ihn erzeugen.",
        in_use: "Dieser Schlüssel gehört schon zu einem Token. Jedes Token braucht einen eigenen.",
    },
    refusals: Refusals {
        nothing_changed: |text| format!("{text} Nichts wurde geändert."),
        expired: "Die Zeit ist um",
        expired_why: "Ein Geheimnis wird innerhalb von zehn Minuten übergeben.",
        expired_next: "Schließen Sie dies und beginnen Sie auf der Seite des Tokens von vorn.",
        foreign: "Das lässt sich hier nicht öffnen",
        foreign_why: "Es wurde für eine andere Sitzung oder für etwas anderes vorbereitet.",
        foreign_next: "Schließen Sie dies und beginnen Sie auf der Seite des Tokens von vorn. Wenn Sie sich inzwischen neu angemeldet haben, liegt es daran.",
        changed: "Das Token hat sich geändert",
        changed_why: "Es wurde gelöscht, oder jemand anderes hat es inzwischen geändert.",
        changed_next: "Schließen Sie dies und sehen Sie sich das Token noch einmal an.",
        not_from_here: "Das öffnet sich nur aus der App",
        not_from_here_why: "Ein Geheimnis wird einmal angezeigt, in einem Dialog der App und nie unter einer eigenen Adresse.",
        not_from_here_next: "Öffnen Sie die Seite des Tokens in Daypass und wählen Sie, das Geheimnis zu übergeben oder zu ersetzen.",
    },
    errors: Errors {
        status: |number| format!("Status {number}"),
        log: ". Im Protokoll des Servers steht mehr unter ",
        nothing_here: "Hier ist nichts",
        nothing_here_detail: "Die Adresse ist vielleicht falsch geschrieben, oder was hier war, ist weg.",
        of_code: |code| {
            Some(match code {
                ErrorCode::Unauthenticated => ("Nicht angemeldet", "Melden Sie sich an, um fortzufahren."),
                ErrorCode::Forbidden => (
                    "Nicht erlaubt",
                    "Die Anfrage kommt nicht von einer unserer eigenen Seiten. Öffnen Sie Daypass neu und versuchen Sie es von dort.",
                ),
                ErrorCode::ReauthenticationRequired => (
                    "Melden Sie sich noch einmal an",
                    "Die Sitzung ist dafür zu alt. Melden Sie sich noch einmal an.",
                ),
                ErrorCode::NotFound => (
                    "Nicht gefunden",
                    "Das gibt es nicht, oder es wurde inzwischen gelöscht.",
                ),
                ErrorCode::InvalidRequest => (
                    "Die Anfrage ist nicht gültig",
                    "Im Formular fehlt etwas, oder etwas ist zu groß. Gehen Sie zurück, prüfen Sie es und senden Sie es noch einmal.",
                ),
                ErrorCode::Conflict => (
                    "Konflikt",
                    "Jemand anderes hat das inzwischen geändert. Eben wurde nichts geändert.",
                ),
                ErrorCode::RateLimited => (
                    "Zu viele Anfragen",
                    "Warten Sie etwas und versuchen Sie es dann noch einmal.",
                ),
                ErrorCode::ApiDisabled => (
                    "Der API-Zugang ist abgeschaltet",
                    "Jemand aus der Verwaltung hat den API-Zugang abgeschaltet.",
                ),
                ErrorCode::Internal => (
                    "Interner Fehler des Servers",
                    "Bei uns ging etwas schief. Der Grund steht im Protokoll des Servers unter der Nummer der Anfrage.",
                ),
                _ => (
                    "Das ging nicht",
                    "Die Anfrage wurde abgelehnt, und nichts wurde geändert.",
                ),
            })
        },
    },
    tls: Tls {
        title: "Richten Sie zuerst TLS ein",
        lead: "Sie sind über unverschlüsseltes http gekommen. Passwörter und Geheimnisse wären unterwegs lesbar, und Ihr Browser würde das Anmelde-Cookie nicht behalten. Deshalb macht Daypass hier nicht weiter.",
        tell: "Nennen Sie Daypass seine Adresse, in der Konfigurationsdatei:",
        or_as: "oder als ",
        restart: " in der Umgebung. Starten Sie es dann neu.",
        proxy: "Stellen Sie einen Server davor, der TLS spricht. Mit Caddy, das sich das Zertifikat selbst holt:",
        with_nginx: "Mit nginx:",
        headers: "Daypass glaubt diesen Kopfzeilen eines Proxys; deshalb entfernen beide Beispiele, was Besucher davon senden.",
        open: |text| format!("Öffnen Sie {text}."),
        trying: "Nur zum Ausprobieren? Auf der Maschine selbst oder durch einen SSH-Tunnel geht ",
        trying_works: " ohne TLS.",
    },
};
