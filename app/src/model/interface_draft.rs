//! An interface as it is being typed.

use wire::{
    CreateInterfaceRequest, Description, FieldError, InterfaceName, InterfaceView, PatchInterfaceRequest,
    TextError,
};

/// What the form holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct InterfaceDraft {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) public: bool,
}

fn at(field: &str) -> impl Fn(TextError) -> FieldError + '_ {
    move |error| FieldError::new(field, error.code)
}

impl InterfaceDraft {
    pub(crate) fn of(view: &InterfaceView) -> Self {
        Self {
            name: view.name.clone(),
            description: view.description.clone(),
            public: view.public,
        }
    }

    fn texts(&self) -> Result<(InterfaceName, Description), Vec<FieldError>> {
        let name = InterfaceName::parse(&self.name).map_err(at("name"));
        let description = Description::parse(&self.description).map_err(at("description"));
        match (name, description) {
            (Ok(name), Ok(description)) => Ok((name, description)),
            (name, description) => Err(name.err().into_iter().chain(description.err()).collect()),
        }
    }

    /// The request that makes it.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub(crate) fn create(&self) -> Result<CreateInterfaceRequest, Vec<FieldError>> {
        let (name, description) = self.texts()?;
        Ok(CreateInterfaceRequest {
            name,
            description,
            public: self.public,
        })
    }

    /// The request that changes what differs from `was`.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub(crate) fn patch(&self, was: &InterfaceView) -> Result<PatchInterfaceRequest, Vec<FieldError>> {
        let (name, description) = self.texts()?;
        Ok(PatchInterfaceRequest {
            version: was.version,
            name: (name.as_str() != was.name).then_some(name),
            description: (description.as_str() != was.description).then_some(description),
            public: (self.public != was.public).then_some(self.public),
        })
    }

    /// The fields in which two drafts differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        ["name", "description", "public"]
            .into_iter()
            .filter(|field| self.value(field) != other.value(field))
            .collect()
    }

    /// Takes one field from another draft.
    pub(crate) fn take(&mut self, field: &str, from: &Self) {
        match field {
            "name" => self.name.clone_from(&from.name),
            "description" => self.description.clone_from(&from.description),
            _ => self.public = from.public,
        }
    }

    /// A field's value as the contract writes it.
    pub(crate) fn value(&self, field: &str) -> String {
        match field {
            "name" => self.name.trim().to_owned(),
            "description" => self.description.trim().to_owned(),
            _ => self.public.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::FieldErrorCode;

    #[test]
    fn every_broken_rule_is_named() {
        let draft = InterfaceDraft {
            description: "x".repeat(501),
            ..InterfaceDraft::default()
        };
        let errors = draft.create().unwrap_err();
        assert_eq!(errors.len(), 2);
        assert_eq!(
            (errors[0].field.as_str(), errors[0].code),
            ("name", FieldErrorCode::Required)
        );
        assert_eq!(
            (errors[1].field.as_str(), errors[1].code),
            ("description", FieldErrorCode::TooLong)
        );
    }

    #[test]
    fn versions_are_put_together_field_by_field() {
        let mut mine = InterfaceDraft {
            name: "Press".into(),
            ..InterfaceDraft::default()
        };
        let theirs = InterfaceDraft {
            description: "New".into(),
            public: true,
            ..mine.clone()
        };
        assert_eq!(mine.differences(&theirs), ["description", "public"]);
        mine.take("public", &theirs);
        assert_eq!(mine.differences(&theirs), ["description"]);
        mine.take("description", &theirs);
        assert_eq!(mine, theirs);
    }

    #[test]
    fn names_are_trimmed() {
        let draft = InterfaceDraft {
            name: " Press photos ".into(),
            ..InterfaceDraft::default()
        };
        assert_eq!(draft.create().unwrap().name.as_str(), "Press photos");
    }
}
