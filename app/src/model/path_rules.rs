//! Path rules as they are being typed: an ordered list, and which of them would answer a request.

use wire::{FieldError, InterfaceName, Method, NoRule, PathPattern, PathRule, Permission};

/// A rule as it is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleDraft {
    pub(crate) path: String,
    /// In the order of [`Method::ALL`]; none = all.
    pub(crate) methods: Vec<Method>,
    /// Its name.
    pub(crate) interface: String,
    pub(crate) permission: Permission,
}

impl RuleDraft {
    fn new() -> Self {
        Self {
            path: String::new(),
            methods: Vec::new(),
            interface: String::new(),
            permission: Permission::Read,
        }
    }

    fn of(rule: &PathRule) -> Self {
        let mut draft = Self {
            path: rule.path.to_string(),
            methods: Vec::new(),
            interface: rule.interface.to_string(),
            permission: rule.permission,
        };
        for method in &rule.methods {
            draft.set_method(*method, true);
        }
        draft
    }

    /// Adds or removes a method.
    pub(crate) fn set_method(&mut self, method: Method, on: bool) {
        self.methods = Method::ALL
            .into_iter()
            .filter(|m| {
                if *m == method {
                    on
                } else {
                    self.methods.contains(m)
                }
            })
            .collect();
    }

    fn read(&self, at: usize) -> Result<PathRule, Vec<FieldError>> {
        let wrong = |field: &str, code| FieldError::new(format!("path_rules[{at}].{field}"), code);
        let path = PathPattern::parse(self.path.trim()).map_err(|e| wrong("path", e.code));
        let interface = InterfaceName::parse(&self.interface).map_err(|e| wrong("interface", e.code));
        match (path, interface) {
            (Ok(path), Ok(interface)) => Ok(PathRule {
                path,
                methods: self.methods.clone(),
                interface,
                permission: self.permission,
            }),
            (path, interface) => Err(path.err().into_iter().chain(interface.err()).collect()),
        }
    }
}

/// What would happen to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The rule at this place answers.
    Rule(usize),
    /// No rule covers it.
    Uncovered,
    /// Its path can be read in more than one way.
    Ambiguous,
}

/// The rules in their order. Each has a number that stays with it wherever it is moved to, so that what is drawn for it
/// can be told from the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct RulesDraft {
    rules: Vec<(u32, RuleDraft)>,
    next: u32,
}

/// The same rules in the same order, whatever they are numbered.
impl PartialEq for RulesDraft {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

impl Eq for RulesDraft {}

impl RulesDraft {
    pub(crate) fn of(rules: &[PathRule]) -> Self {
        let mut draft = Self::default();
        for rule in rules {
            draft.push(RuleDraft::of(rule));
        }
        draft
    }

    fn push(&mut self, rule: RuleDraft) {
        self.rules.push((self.next, rule));
        self.next += 1;
    }

    /// Whether it comes to the same rules in the same order.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let said = |draft: &Self| -> Vec<(String, RuleDraft)> {
            let rules = draft.rules.iter();
            rules
                .map(|(_, rule)| (rule.path.trim().to_owned(), rule.clone()))
                .map(|(path, rule)| {
                    let bare = RuleDraft {
                        path: String::new(),
                        ..rule
                    };
                    (path, bare)
                })
                .collect()
        };
        said(self) == said(other)
    }

    /// The numbers of the rules, in their order.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.rules.iter().map(|(number, _)| *number).collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// The rule of a number, and its place.
    pub(crate) fn find(&self, number: u32) -> Option<(usize, &RuleDraft)> {
        let place = self.rules.iter().position(|(n, _)| *n == number)?;
        Some((place, &self.rules[place].1))
    }

    /// Adds one at the end; gives its number.
    pub(crate) fn add(&mut self) -> u32 {
        self.push(RuleDraft::new());
        self.next - 1
    }

    /// Changes the rule of a number, if it is still there.
    pub(crate) fn change(&mut self, number: u32, change: impl FnOnce(&mut RuleDraft)) {
        if let Some((_, rule)) = self.rules.iter_mut().find(|(n, _)| *n == number) {
            change(rule);
        }
    }

    /// Removes the rule of a number; gives the number of the one that stands there now, or else of the last.
    pub(crate) fn remove(&mut self, number: u32) -> Option<u32> {
        let place = self.rules.iter().position(|(n, _)| *n == number)?;
        self.rules.remove(place);
        self.rules.get(place).or(self.rules.last()).map(|(n, _)| *n)
    }

    /// Moves a rule one place up or down, and gives its new place; `None` where it stays.
    pub(crate) fn shift(&mut self, number: u32, down: bool) -> Option<usize> {
        let place = self.rules.iter().position(|(n, _)| *n == number)?;
        let to = if down { place + 1 } else { place.checked_sub(1)? };
        if to >= self.rules.len() {
            return None;
        }
        self.rules.swap(place, to);
        Some(to)
    }

    /// The rules.
    ///
    /// # Errors
    /// Every field that breaks a rule, named as the server names it: `path_rules[2].path`.
    pub(crate) fn read(&self) -> Result<Vec<PathRule>, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut rules = Vec::with_capacity(self.rules.len());
        for (at, (_, rule)) in self.rules.iter().enumerate() {
            match rule.read(at) {
                Ok(rule) => rules.push(rule),
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() { Ok(rules) } else { Err(errors) }
    }

    /// What would happen to a request, decided as the server does it. Rules that are not complete yet hold for nothing.
    pub(crate) fn verdict(&self, path: &str, method: Method) -> Verdict {
        let complete: Vec<(usize, PathRule)> = (0..)
            .zip(&self.rules)
            .filter_map(|(at, (_, rule))| Some((at, rule.read(at).ok()?)))
            .collect();
        let (places, rules): (Vec<usize>, Vec<PathRule>) = complete.into_iter().unzip();
        match PathRule::first(&rules, path.trim(), method.as_str()) {
            Ok(at) => Verdict::Rule(places[at]),
            Err(NoRule::Uncovered) => Verdict::Uncovered,
            Err(NoRule::Ambiguous) => Verdict::Ambiguous,
        }
    }

    /// As text, one rule after the other, for comparing two versions: the contract's JSON, or what is typed where that
    /// is no rule yet.
    pub(crate) fn value(&self) -> String {
        let rules: Vec<_> = self
            .rules
            .iter()
            .map(|(_, rule)| {
                serde_json::json!({
                    "path": rule.path.trim(), "methods": rule.methods,
                    "interface": rule.interface, "permission": rule.permission,
                })
            })
            .collect();
        serde_json::Value::from(rules).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::FieldErrorCode;

    fn rules(list: &[(&str, &[Method], &str, Permission)]) -> RulesDraft {
        let mut draft = RulesDraft::default();
        for (path, methods, interface, permission) in list {
            let number = draft.add();
            draft.change(number, |rule| {
                (*path).clone_into(&mut rule.path);
                (*interface).clone_into(&mut rule.interface);
                rule.permission = *permission;
                for method in *methods {
                    rule.set_method(*method, true);
                }
            });
        }
        draft
    }

    fn usual() -> RulesDraft {
        rules(&[
            ("/press/*", &[Method::Post], "Press", Permission::Upload),
            (" /press/* ", &[Method::Get], "Press", Permission::Read),
            ("/*", &[], "Open", Permission::Read),
        ])
    }

    #[test]
    fn the_order_is_what_is_changed() {
        let mut draft = usual();
        assert_eq!(draft.numbers(), [0, 1, 2]);
        assert_eq!(draft.shift(0, false), None);
        assert_eq!(draft.shift(2, true), None);
        assert_eq!(draft.shift(2, false), Some(1));
        assert_eq!(draft.numbers(), [0, 2, 1]);
        assert!(!draft.same(&usual()));
        assert_eq!(draft.shift(2, true), Some(2));
        assert!(draft.same(&usual()));
        assert_eq!(draft.remove(1), Some(2));
        assert_eq!(draft.remove(2), Some(0));
        assert_eq!(draft.add(), 3);
        assert_eq!(draft.numbers(), [0, 3]);
        assert_eq!((draft.remove(3), draft.remove(0)), (Some(0), None));
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let read = usual().read().unwrap();
        let again = RulesDraft::of(&read);
        assert!(again.same(&usual()));
        assert_eq!(again.read().unwrap(), read);
        let value: Vec<PathRule> = serde_json::from_str(&usual().value()).unwrap();
        assert_eq!(value, read);
    }

    #[test]
    fn errors_name_the_rule_and_the_field() {
        let draft = rules(&[
            ("/a", &[], "Press", Permission::Read),
            ("press", &[], "", Permission::Read),
        ]);
        let errors = draft.read().unwrap_err();
        let named: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.code)).collect();
        assert_eq!(
            named,
            [
                ("path_rules[1].path", FieldErrorCode::NotAPath),
                ("path_rules[1].interface", FieldErrorCode::Required)
            ]
        );
    }

    #[test]
    fn the_first_complete_rule_answers() {
        let mut draft = usual();
        assert_eq!(draft.verdict("/press/a.webp?x=1", Method::Get), Verdict::Rule(1));
        assert_eq!(draft.verdict("/press/a.webp", Method::Post), Verdict::Rule(0));
        assert_eq!(draft.verdict("/press/a.webp", Method::Delete), Verdict::Rule(2));
        assert_eq!(draft.verdict("/press/../a", Method::Get), Verdict::Ambiguous);
        draft.change(2, |rule| rule.path.clear());
        assert_eq!(draft.verdict("/elsewhere", Method::Get), Verdict::Uncovered);
        draft.change(0, |rule| rule.path.clear());
        assert_eq!(draft.verdict("/press/a", Method::Get), Verdict::Rule(1));
    }
}
