//! The form of a name in which it is unique, searched and sorted.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;

/// NFKC and full case folding (Unicode 5.18), so that "Straße", "STRASSE" and "ｓｔｒａｓｓｅ" are one name.
#[must_use]
pub fn name_key(name: &str) -> String {
    let normalizer = ComposingNormalizer::new_nfkc();
    let folded = CaseMapper::new()
        .fold_string(&normalizer.normalize(name))
        .into_owned();
    // Folding can leave sequences that NFKC joins again.
    normalizer.normalize(&folded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::name_key;

    #[test]
    fn folds_case_width_and_composition() {
        assert_eq!(name_key("Straße"), name_key("STRASSE"));
        assert_eq!(name_key("ＷordPress"), name_key("wordpress"));
        assert_eq!(name_key("e\u{301}"), name_key("É"));
        assert_ne!(name_key("Press"), name_key("Presse"));
    }
}
