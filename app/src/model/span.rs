//! Lengths of time as people say them. Only numbers and units; the words come from the browser (`format`).

/// A unit that people count time in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Year,
}

impl Unit {
    /// The name that `Intl` gives it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// A length of time in its units, largest first, exactly: 5400 is one hour and thirty minutes.
pub(crate) fn parts(seconds: i64) -> Vec<(i64, Unit)> {
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (unit, length) in [
        (Unit::Day, 86_400),
        (Unit::Hour, 3600),
        (Unit::Minute, 60),
        (Unit::Second, 1),
    ] {
        if rest >= length {
            parts.push((rest / length, unit));
            rest %= length;
        }
    }
    if parts.is_empty() {
        parts.push((0, Unit::Second));
    }
    parts
}

/// How far a moment is away, in the unit that says enough: negative numbers have passed.
pub(crate) fn distance(now_millis: i64, then_millis: i64) -> (i64, Unit) {
    let seconds = (then_millis - now_millis) / 1000;
    let size = seconds.abs();
    let (length, unit) = match size {
        0..45 => return (0, Unit::Second),
        45..3_570 => (60, Unit::Minute),
        3_570..84_600 => (3600, Unit::Hour),
        84_600..2_600_000 => (86_400, Unit::Day),
        2_600_000..31_000_000 => (2_629_800, Unit::Month),
        _ => (31_557_600, Unit::Year),
    };
    let rounded = (size + length / 2) / length;
    (rounded.max(1) * seconds.signum(), unit)
}

/// An age in the unit that says enough: days for two months, months for two years.
pub(crate) fn age(seconds: i64) -> (i64, Unit) {
    let days = seconds.max(0) / 86_400;
    match days {
        0..61 => (days, Unit::Day),
        61..731 => (days * 10 / 304, Unit::Month),
        _ => (days * 100 / 36_525, Unit::Year),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_exact() {
        assert_eq!(parts(900), [(15, Unit::Minute)]);
        assert_eq!(parts(5400), [(1, Unit::Hour), (30, Unit::Minute)]);
        assert_eq!(
            parts(90_061),
            [
                (1, Unit::Day),
                (1, Unit::Hour),
                (1, Unit::Minute),
                (1, Unit::Second)
            ]
        );
        assert_eq!(parts(0), [(0, Unit::Second)]);
    }

    #[test]
    fn ages_stay_in_months_for_two_years() {
        let of_days = |days: i64| age(days * 86_400);
        assert_eq!(of_days(0), (0, Unit::Day));
        assert_eq!(of_days(60), (60, Unit::Day));
        assert_eq!(of_days(61), (2, Unit::Month));
        assert_eq!(of_days(427), (14, Unit::Month));
        assert_eq!(of_days(731), (2, Unit::Year));
        assert_eq!(age(-5), (0, Unit::Day));
    }

    #[test]
    fn distances_take_the_unit_that_says_enough() {
        let ago = |seconds: i64| distance(0, -seconds * 1000);
        assert_eq!(ago(10), (0, Unit::Second));
        assert_eq!(ago(50), (-1, Unit::Minute));
        assert_eq!(ago(120), (-2, Unit::Minute));
        assert_eq!(ago(3_599), (-1, Unit::Hour));
        assert_eq!(ago(23 * 3600), (-23, Unit::Hour));
        assert_eq!(ago(86_400), (-1, Unit::Day));
        assert_eq!(ago(60 * 86_400), (-2, Unit::Month));
        assert_eq!(ago(800 * 86_400), (-2, Unit::Year));
        assert_eq!(distance(0, 3_600_000), (1, Unit::Hour));
    }
}
