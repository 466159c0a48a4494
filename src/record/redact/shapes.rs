//! Secrets that can be recognised by their shape.

/// Tokens that their makers begin with a mark: the mark, what may follow, and how much must.
const MARKED: &[(&str, Follows, usize)] = &[
    ("AGE-SECRET-KEY-1", Follows::Alnum, 40),
    ("AIza", Follows::Base64Url, 30),
    ("AKIA", Follows::Upper, 16),
    ("ASIA", Follows::Upper, 16),
    ("CFPAT-", Follows::Base64Url, 30),
    ("FlyV1 ", Follows::Base64, 20),
    ("GOCSPX-", Follows::Base64Url, 20),
    ("HRKU-", Follows::Base64Url, 30),
    ("LTAI", Follows::Alnum, 16),
    ("NRAK-", Follows::Upper, 20),
    ("SG.", Follows::Dotted, 40),
    ("dapi", Follows::Hex, 32),
    ("dckr_pat_", Follows::Base64Url, 20),
    ("doo_v1_", Follows::Hex, 32),
    ("dop_v1_", Follows::Hex, 32),
    ("dor_v1_", Follows::Hex, 32),
    ("figd_", Follows::Base64Url, 20),
    ("fm1r_", Follows::Base64, 20),
    ("fm2_", Follows::Base64, 20),
    ("fo1_", Follows::Base64Url, 20),
    ("ghp_", Follows::Alnum, 20),
    ("gho_", Follows::Alnum, 20),
    ("ghr_", Follows::Alnum, 20),
    ("ghs_", Follows::Alnum, 20),
    ("ghu_", Follows::Alnum, 20),
    ("github_pat_", Follows::Base64Url, 20),
    ("gldt-", Follows::Base64Url, 20),
    ("glpat-", Follows::Base64Url, 20),
    ("glsa_", Follows::Base64Url, 30),
    ("gsk_", Follows::Alnum, 40),
    ("hf_", Follows::Alnum, 30),
    ("hvb.", Follows::Base64Url, 24),
    ("hvs.", Follows::Base64Url, 24),
    ("lin_api_", Follows::Alnum, 30),
    ("npm_", Follows::Alnum, 30),
    ("nvapi-", Follows::Base64Url, 40),
    ("pscale_pw_", Follows::Base64Url, 30),
    ("pscale_tkn_", Follows::Base64Url, 30),
    ("pypi-Ag", Follows::Base64Url, 40),
    ("r8_", Follows::Alnum, 30),
    ("rk_live_", Follows::Alnum, 16),
    ("rk_test_", Follows::Alnum, 16),
    ("rubygems_", Follows::Hex, 40),
    ("sbp_", Follows::Hex, 40),
    ("shpat_", Follows::Hex, 32),
    ("shpss_", Follows::Hex, 32),
    ("sk_live_", Follows::Alnum, 16),
    ("sk_test_", Follows::Alnum, 16),
    ("sk-", Follows::Dense, 20),
    ("sntrys_", Follows::Base64, 30),
    ("tskey-", Follows::Base64Url, 20),
    ("whsec_", Follows::Base64, 20),
    ("xai-", Follows::Alnum, 40),
    ("xoxa-", Follows::Base64Url, 10),
    ("xoxb-", Follows::Base64Url, 10),
    ("xoxe-", Follows::Base64Url, 10),
    ("xoxp-", Follows::Base64Url, 10),
    ("xoxr-", Follows::Base64Url, 10),
    ("xoxs-", Follows::Base64Url, 10),
    ("xapp-", Follows::Base64Url, 20),
    ("ya29.", Follows::Base64Url, 20),
];

/// What may follow a mark.
#[derive(Clone, Copy)]
enum Follows {
    Alnum,
    Upper,
    Hex,
    Base64,
    Base64Url,
    /// As `Base64Url`, with dots.
    Dotted,
    /// As `Base64Url`, with an unbroken stretch of 16 letters and digits of both kinds: words joined
    /// by hyphens have none.
    Dense,
}

impl Follows {
    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Base64 => byte.is_ascii_alphanumeric() || b"+/=_-,".contains(&byte),
            Self::Base64Url | Self::Dense => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
            Self::Dotted => byte.is_ascii_alphanumeric() || b"_-.".contains(&byte),
        }
    }

    fn run(self, bytes: &[u8]) -> usize {
        bytes.iter().take_while(|&&byte| self.takes(byte)).count()
    }
}

/// If a token begins at the start of `bytes`, returns where its secret part begins and ends. The mark
/// before it stays, to say what it was.
pub(super) fn token(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.first()?;
    if first == b'e'
        && let Some(length) = json_web_token(bytes)
    {
        return Some((0, length));
    }
    let candidates = MARKED.iter().filter(|(mark, ..)| mark.as_bytes()[0] == first);
    candidates.into_iter().find_map(|&(mark, follows, least)| {
        let rest = bytes.strip_prefix(mark.as_bytes())?;
        let run = follows.run(rest);
        let dense = !matches!(follows, Follows::Dense) || is_dense(&rest[..run]);
        (run >= least && dense).then_some((mark.len(), mark.len() + run))
    })
}

/// `eyJ` is how `{"` begins in base64: a header, a payload that begins so too, and a signature.
fn json_web_token(bytes: &[u8]) -> Option<usize> {
    let part = |at: usize| Follows::Base64Url.run(bytes.get(at..).unwrap_or_default());
    let header = bytes.starts_with(b"eyJ").then(|| part(0)).filter(|&run| run >= 12)?;
    let payload = bytes[header..].starts_with(b".eyJ").then(|| part(header + 1))?;
    let length = header + 1 + payload;
    let signature = bytes[length..].starts_with(b".").then(|| 1 + part(length + 1));
    Some(length + signature.unwrap_or(0))
}

/// Returns whether there is a stretch of 16 letters and digits, of both kinds.
pub(super) fn is_dense(bytes: &[u8]) -> bool {
    bytes.split(|byte| !byte.is_ascii_alphanumeric()).any(|stretch| {
        stretch.len() >= 16
            && stretch.iter().any(u8::is_ascii_digit)
            && stretch.iter().any(u8::is_ascii_alphabetic)
    })
}
