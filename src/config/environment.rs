//! The layer that comes from environment variables.
//!
//! Pure: whoever calls it looks the variables up.

use std::ffi::OsString;
use std::path::PathBuf;

use super::error::ConfigError;
use super::settings::{Partial, ThemeName, parse_timeout};

/// The variable that names another configuration file.
pub const CONFIG_VARIABLE: &str = "CERTDECK_CONFIG";

/// Every variable that counts, with what it does, for help and documentation.
pub const VARIABLES: [(&str, &str); 9] = [
    (CONFIG_VARIABLE, "the configuration file"),
    ("CERTDECK_STORE", "the folder of the store"),
    ("CERTDECK_THEME", "auto, dark, light or mono"),
    ("CERTDECK_ASCII", "1 or 0: draw with ASCII only"),
    ("CERTDECK_MOUSE", "1 or 0: listen to the mouse"),
    (
        "CERTDECK_BELL",
        "1 or 0: ring the terminal's bell with news",
    ),
    ("CERTDECK_READ_ONLY", "1 or 0: change nothing"),
    (
        "CERTDECK_LOCK_TIMEOUT",
        "how long to wait for another certdeck, like 10s",
    ),
    ("NO_COLOR", "anything: no colours, unless a theme is named"),
];

/// Reads the layer through `look_up`. An empty variable counts as missing.
///
/// # Errors
/// Every variable whose value means nothing.
pub fn from_environment(
    look_up: impl Fn(&str) -> Option<OsString>,
) -> Result<Partial, Vec<ConfigError>> {
    let mut reader = Reader {
        look_up,
        errors: Vec::new(),
    };
    let mut partial = Partial {
        store: reader.raw("CERTDECK_STORE").map(PathBuf::from),
        theme: reader.parsed("CERTDECK_THEME", str::parse),
        ascii: reader.parsed("CERTDECK_ASCII", switch),
        mouse: reader.parsed("CERTDECK_MOUSE", switch),
        bell: reader.parsed("CERTDECK_BELL", switch),
        read_only: reader.parsed("CERTDECK_READ_ONLY", switch),
        lock_timeout: reader.parsed("CERTDECK_LOCK_TIMEOUT", parse_timeout),
        ..Partial::default()
    };
    // https://no-color.org: present and not empty, whatever its value.
    if reader.raw("NO_COLOR").is_some() {
        partial.theme.get_or_insert(ThemeName::Mono);
    }
    if reader.errors.is_empty() {
        Ok(partial)
    } else {
        Err(reader.errors)
    }
}

struct Reader<F> {
    look_up: F,
    errors: Vec<ConfigError>,
}

impl<F: Fn(&str) -> Option<OsString>> Reader<F> {
    fn raw(&self, name: &str) -> Option<OsString> {
        (self.look_up)(name).filter(|value| !value.is_empty())
    }

    fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.raw(name)?;
        let parsed = value
            .to_str()
            .ok_or_else(|| "it is not valid UTF-8".to_owned())
            .and_then(parse);
        parsed
            .map_err(|problem| self.errors.push(ConfigError::Environment { name, problem }))
            .ok()
    }
}

fn switch(given: &str) -> Result<bool, String> {
    match given {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(format!("expected 1 or 0, found {given:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Partial, Vec<ConfigError>> {
        from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn variables_are_read_and_empty_ones_are_missing() {
        let partial = read(&[
            ("CERTDECK_STORE", "/srv/store"),
            ("CERTDECK_ASCII", "1"),
            ("CERTDECK_MOUSE", "off"),
            ("CERTDECK_BELL", ""),
            ("CERTDECK_LOCK_TIMEOUT", "2m"),
        ])
        .unwrap();
        assert_eq!(partial.store, Some(PathBuf::from("/srv/store")));
        assert_eq!(
            (partial.ascii, partial.mouse, partial.bell),
            (Some(true), Some(false), None)
        );
        assert_eq!(partial.lock_timeout.unwrap().as_secs(), 120);
    }

    #[test]
    fn no_color_means_mono_unless_a_theme_is_named() {
        assert_eq!(
            read(&[("NO_COLOR", "1")]).unwrap().theme,
            Some(ThemeName::Mono)
        );
        assert_eq!(read(&[("NO_COLOR", "")]).unwrap().theme, None);
        let both = read(&[("NO_COLOR", "1"), ("CERTDECK_THEME", "dark")]).unwrap();
        assert_eq!(both.theme, Some(ThemeName::Dark));
    }

    #[test]
    fn wrong_values_name_the_variable() {
        let errors =
            read(&[("CERTDECK_ASCII", "perhaps"), ("CERTDECK_THEME", "pink")]).unwrap_err();
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "environment variable CERTDECK_THEME: expected one of auto, dark, light, mono, found \"pink\"",
                "environment variable CERTDECK_ASCII: expected 1 or 0, found \"perhaps\"",
            ]
        );
    }
}
