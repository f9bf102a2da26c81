//! Themes as people meet them: complete, seen without colours, and honest about mistakes.

use ratatui::style::{Color, Modifier};

use super::*;

fn complaint(text: &str) -> String {
    Theme::load(text, "mine.toml").unwrap_err().to_string()
}

#[test]
fn every_theme_names_every_role() {
    for name in Theme::names() {
        let theme = Theme::named(name).unwrap();
        assert_eq!(theme.styles.len(), Role::ALL.len(), "{name}");
    }
}

#[test]
fn a_role_is_at_its_place_in_the_list() {
    for (index, &(role, _)) in Role::ALL.iter().enumerate() {
        assert_eq!(role as usize, index);
    }
}

#[test]
fn mono_has_no_colour_anywhere() {
    let mono = Theme::named("mono").unwrap();
    for &(role, name) in Role::ALL {
        let style = mono.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{name}");
    }
    let selection = mono.style(Role::Selection);
    assert!(selection.add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn what_says_where_one_is_survives_without_colours() {
    for name in Theme::names() {
        let theme = Theme::named(name).unwrap();
        let text = theme.style(Role::Text).add_modifier;
        for role in NEVER_COLOUR_ALONE {
            assert_ne!(theme.style(role).add_modifier, text, "{name} {role:?}");
        }
    }
}

#[test]
fn a_button_that_cannot_be_undone_looks_different_even_in_mono() {
    for name in Theme::names() {
        let theme = Theme::named(name).unwrap();
        assert_ne!(
            theme.style(Role::ButtonDanger),
            theme.style(Role::ButtonFocused),
            "{name}"
        );
    }
}

/// On white, the palette's yellow, white and bright colours are close to unreadable.
#[test]
fn light_uses_no_pale_colour_as_text_on_the_terminals_background() {
    let light = Theme::named("light").unwrap();
    let pale = [
        Color::Yellow,
        Color::Gray,
        Color::White,
        Color::LightYellow,
        Color::LightGreen,
        Color::LightCyan,
    ];
    for &(role, name) in Role::ALL {
        let style = light.style(role);
        let shown_on_own = style.bg.is_some() || style.add_modifier.contains(Modifier::REVERSED);
        assert!(
            shown_on_own || style.fg.is_none_or(|fg| !pale.contains(&fg)),
            "{name}"
        );
    }
}

#[test]
fn an_own_theme_takes_over_what_it_leaves_out() {
    let text = "base = \"dark\"\n[roles]\ntitle = { fg = \"#ff8000\" }\n";
    let own = Theme::load(text, "mine.toml").unwrap();
    assert_eq!(own.style(Role::Title).fg, Some(Color::Rgb(255, 128, 0)));
    let dark = Theme::named("dark").unwrap();
    assert_eq!(own.style(Role::Bad), dark.style(Role::Bad));
}

#[test]
fn the_palettes_names_mean_the_palettes_colours() {
    let text = "base = \"dark\"\n[roles]\ntext = { fg = \"white\", bg = \"bright-black\" }\n";
    let style = Theme::load(text, "mine.toml").unwrap().style(Role::Text);
    assert_eq!(
        (style.fg, style.bg),
        (Some(Color::Gray), Some(Color::DarkGray))
    );
}

#[test]
fn mistakes_name_file_line_role_and_what_is_expected() {
    for (text, line, says) in [
        ("base = \"drak\"", 1, "expected one of: dark, light, mono"),
        (
            "base = \"dark\"\n[roles]\ntitel = {}",
            3,
            "`titel`: there is no such role",
        ),
        (
            "base = \"dark\"\n[roles]\n\ntext = { fg = \"pink\" }",
            4,
            "`text`: \"pink\" is no colour; expected \"#rrggbb\"",
        ),
        (
            "base = \"dark\"\n[roles]\ntext = { fg = \"#12345\" }",
            3,
            "\"#12345\" is no colour",
        ),
        (
            "base = \"dark\"\n[roles]\ntext = { fg = \"#+12345\" }",
            3,
            "is no colour",
        ),
        (
            "base = \"dark\"\n[roles]\ntext = { blink = true }",
            3,
            "unknown field `blink`",
        ),
        (
            "base = \"dark\"\n[roles]\nselection = { bg = \"blue\" }",
            3,
            "`selection` would be invisible",
        ),
        ("[roles\n", 1, "cannot read the theme"),
    ] {
        let said = complaint(text);
        assert!(said.starts_with(&format!("mine.toml:{line}: ")), "{said}");
        assert!(said.contains(says), "{said}");
    }
    assert!(complaint("[roles]\n").contains("the role `text` is missing"));
    assert!(
        Theme::named("pink")
            .unwrap_err()
            .to_string()
            .contains("dark, light, mono")
    );
}
