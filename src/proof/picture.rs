//! A text as a QR code for a terminal.

use qrcodegen::{QrCode, QrCodeEcc};

/// The light border in modules: the standard asks for four, and readers accept two.
const QUIET: i32 = 2;

/// Returns a picture of `text` in half blocks: light is drawn, dark is left black. `None` where it is too long.
///
/// Both colours are set, so that it reads the same on a light and a dark terminal.
pub(super) fn draw(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let side = -QUIET..code.size() + QUIET;
    let is_light = |x, y| !code.get_module(x, y);
    let row = |y: i32| {
        let cells = side.clone().map(|x| match (is_light(x, y), is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        format!("\x1b[97;40m{}\x1b[0m\n", cells.collect::<String>())
    };
    Some(side.clone().step_by(2).map(row).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_drawn() {
        let text = "otpauth://totp/guard:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=guard";
        let drawn = draw(text).unwrap().replace("\x1b[97;40m", "").replace("\x1b[0m", "");
        let code = QrCode::encode_text(text, QrCodeEcc::Low).unwrap();
        let rows: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
        for y in 0..code.size() {
            for x in 0..code.size() {
                let (column, row) =
                    (usize::try_from(x + QUIET).unwrap(), usize::try_from(y + QUIET).unwrap());
                let cell = rows[row / 2][column];
                let light = cell == '█' || cell == if row % 2 == 0 { '▀' } else { '▄' };
                assert_eq!(light, !code.get_module(x, y), "{x} {y}");
            }
        }
        assert!(rows.len() <= 24 && rows[0].len() <= 80, "{} rows", rows.len());
        assert_eq!(draw(&"x".repeat(5000)), None);
    }
}
