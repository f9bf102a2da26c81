//! Asks a server that begins in the clear to go on in TLS.
//!
//! Mail, databases and directories agree in their own words before the first byte of TLS. May not:
//! say more than that takes, or hear more than a few lines. `look` calls it before each handshake.

use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use super::error::ProbeError;
use super::greeting::Spoken;
use super::{Deadline, greeting};
use crate::config::StartTls;
use crate::domain::text::{fit, sanitise};

/// The most that is heard before TLS begins. Of mail servers the longest answer is what they list
/// after EHLO: a kilobyte or two.
const MOST: usize = 16 * 1024;
/// How much of a refusal is repeated, in columns.
const REPEATED: usize = 120;
/// What a `PostgreSQL` server is asked (its manual, "Message Formats", `SSLRequest`).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// The name of the extended operation (RFC 4511, section 4.14.1).
const LDAP_STARTTLS: &[u8; 22] = b"1.3.6.1.4.1.1466.20037";
/// The number of our only message to a directory; its answer has the same.
const LDAP_MESSAGE: u8 = 1;

/// Has the server go on in TLS; nothing of TLS has been said by then.
///
/// # Errors
/// Where it speaks something else, refuses, hangs up, or takes too long.
pub(super) async fn begin(
    stream: &mut TcpStream,
    protocol: StartTls,
    deadline: Deadline,
) -> Result<(), ProbeError> {
    let mut talk = Talk {
        stream,
        protocol,
        heard: Vec::new(),
        taken: 0,
    };
    let agreed = match protocol {
        StartTls::Smtp => timeout_at(deadline.at, talk.smtp()).await,
        StartTls::Imap => timeout_at(deadline.at, talk.imap()).await,
        StartTls::Pop3 => timeout_at(deadline.at, talk.pop3()).await,
        StartTls::Postgres => timeout_at(deadline.at, talk.postgres()).await,
        StartTls::Ldap => timeout_at(deadline.at, talk.ldap()).await,
    };
    agreed.unwrap_or(Err(ProbeError::StartTlsSlow {
        protocol,
        patience: deadline.patience,
    }))?;
    // Whoever agreed waits for the first byte of TLS.
    talk.has_said_no_more()
}

/// One conversation in the clear.
struct Talk<'a> {
    stream: &'a mut TcpStream,
    protocol: StartTls,
    heard: Vec<u8>,
    /// How much of it has been taken in.
    taken: usize,
}

impl Talk<'_> {
    async fn smtp(&mut self) -> Result<(), ProbeError> {
        let greeting = self.reply().await?;
        if !greeting.code.starts_with('2') {
            return Err(self.unlike(&greeting.code, &greeting.lines));
        }
        let here = self.stream.local_addr().ok();
        self.say(format!("EHLO {}\r\n", literal(here)).as_bytes())
            .await?;
        let offers = self.reply().await?;
        if offers.code != "250" {
            return Err(self.refused(&offers.text()));
        }
        let is_it = |line: &String| line.trim().eq_ignore_ascii_case("STARTTLS");
        if !offers.lines.iter().any(is_it) {
            return Err(self.refused("it does not offer STARTTLS"));
        }
        self.say(b"STARTTLS\r\n").await?;
        let answer = self.reply().await?;
        match answer.code.as_str() {
            "220" => Ok(()),
            _ => Err(self.refused(&answer.text())),
        }
    }

    async fn imap(&mut self) -> Result<(), ProbeError> {
        let greeting = self.line().await?;
        let small = greeting.to_ascii_lowercase();
        if small.starts_with("* preauth") || small.starts_with("* bye") {
            return Err(self.refused(&greeting));
        }
        if !small.starts_with("* ok") {
            return Err(self.other());
        }
        self.say(b"a1 STARTTLS\r\n").await?;
        loop {
            let line = self.line().await?;
            // Lines with a star may come in between (RFC 9051, section 2.2.2).
            if let Some(answer) = line.strip_prefix("a1 ") {
                let is_ok = answer
                    .get(..2)
                    .is_some_and(|ok| ok.eq_ignore_ascii_case("ok"));
                return if is_ok {
                    Ok(())
                } else {
                    Err(self.refused(answer))
                };
            }
        }
    }

    async fn pop3(&mut self) -> Result<(), ProbeError> {
        let greeting = self.line().await?;
        if greeting.starts_with("-ERR") {
            return Err(self.refused(&greeting));
        }
        if !greeting.starts_with("+OK") {
            return Err(self.other());
        }
        self.say(b"STLS\r\n").await?;
        let answer = self.line().await?;
        if answer.starts_with("+OK") {
            Ok(())
        } else {
            Err(self.refused(&answer))
        }
    }

    async fn postgres(&mut self) -> Result<(), ProbeError> {
        self.say(&SSL_REQUEST).await?;
        match self.bytes(1).await?.first() {
            Some(b'S') => Ok(()),
            Some(b'N') => Err(self.refused("it answers that it does not speak TLS")),
            // A server older than TLS takes the question for a fault.
            Some(b'E') => Err(self.refused("it does not understand the question")),
            _ => Err(self.other()),
        }
    }

    async fn ldap(&mut self) -> Result<(), ProbeError> {
        // An extended request with this name.
        let mut request = vec![0x30, 0x1d, 2, 1, LDAP_MESSAGE, 0x77, 0x18, 0x80, 0x16];
        request.extend(LDAP_STARTTLS);
        self.say(&request).await?;
        let answer = self.element().await?;
        match ldap_result(&answer) {
            Some((LDAP_MESSAGE, 0, _)) => Ok(()),
            // A server that hangs up says so in the same form, as an answer to nothing.
            Some((0 | LDAP_MESSAGE, code, says)) if code != 0 => {
                Err(self.refused(&ldap_words(code, &says)))
            }
            _ => Err(self.other()),
        }
    }

    /// Everything of one element of BER: its tag, its length and what is in it.
    async fn element(&mut self) -> Result<Vec<u8>, ProbeError> {
        let head = self.bytes(2).await?;
        if head.first() != Some(&0x30) {
            return Err(self.other());
        }
        let short = usize::from(head.get(1).copied().unwrap_or_default());
        let length = match short.checked_sub(0x80) {
            None => short,
            Some(count @ 1..=3) => {
                let bytes = self.bytes(count).await?;
                let join = |all, byte: &u8| all << 8 | usize::from(*byte);
                bytes.iter().fold(0, join)
            }
            Some(_) => return Err(self.other()),
        };
        self.bytes(length).await
    }

    /// A reply of SMTP, however many lines it has (RFC 5321, section 4.2.1).
    async fn reply(&mut self) -> Result<Reply, ProbeError> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await?;
            let (code, rest) = line.split_at_checked(3).unwrap_or_default();
            if code.len() < 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(self.other());
            }
            let more = rest.starts_with('-');
            lines.push(rest.get(1..).unwrap_or_default().to_owned());
            if !more {
                let code = code.to_owned();
                return Ok(Reply { code, lines });
            }
        }
    }

    /// A line without its end; what is no text in it is lost.
    async fn line(&mut self) -> Result<String, ProbeError> {
        loop {
            let rest = self.heard.get(self.taken..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
                let line = line.trim_end_matches('\r').to_owned();
                self.taken += end + 1;
                return Ok(line);
            }
            self.hear().await?;
        }
    }

    /// The next so many bytes.
    async fn bytes(&mut self, count: usize) -> Result<Vec<u8>, ProbeError> {
        if count > MOST {
            return Err(self.other());
        }
        loop {
            let rest = self.heard.get(self.taken..).unwrap_or_default();
            if let Some(bytes) = rest.get(..count) {
                let bytes = bytes.to_vec();
                self.taken += count;
                return Ok(bytes);
            }
            self.hear().await?;
        }
    }

    async fn hear(&mut self) -> Result<(), ProbeError> {
        if self.heard.len() >= MOST {
            return Err(self.other());
        }
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer).await {
            Ok(count @ 1..) => {
                let heard = buffer.get(..count).unwrap_or_default();
                self.heard.extend_from_slice(heard);
                Ok(())
            }
            // Whoever hangs up in the middle of its first words speaks something else.
            _ if self.taken == 0 && !self.heard.is_empty() => Err(self.other()),
            _ => Err(ProbeError::StartTlsClosed {
                protocol: self.protocol,
            }),
        }
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<(), ProbeError> {
        self.has_said_no_more()?;
        let said = self.stream.write_all(bytes).await;
        said.map_err(|_| ProbeError::StartTlsClosed {
            protocol: self.protocol,
        })
    }

    /// That everything it said was asked for. What comes before its question is no answer to it:
    /// whoever sits in between could have put it there (RFC 3207, section 6, and CVE-2021-23222 of
    /// `PostgreSQL`).
    fn has_said_no_more(&self) -> Result<(), ProbeError> {
        let rest = self.heard.get(self.taken..).unwrap_or_default();
        let mut lines = rest
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii_end);
        // Only IMAP may say something of its own accord, and marks it (RFC 9051, section 2.2.2).
        let is_fine = |line: &[u8]| {
            line.is_empty() || (self.protocol == StartTls::Imap && line.starts_with(b"* "))
        };
        if lines.all(is_fine) {
            return Ok(());
        }
        // A first letter that is also an answer: it begins a greeting of something else.
        let (spoken, _) = greeting::recognise(&self.heard);
        if self.protocol == StartTls::Postgres && spoken != Spoken::Other {
            return Err(self.other());
        }
        let (_, greeting) = greeting::recognise(rest);
        Err(ProbeError::StartTlsUnasked {
            protocol: self.protocol,
            greeting,
        })
    }

    /// That it said no, in its own words.
    fn refused(&self, says: &str) -> ProbeError {
        ProbeError::StartTlsRefused {
            protocol: self.protocol,
            says: fit(&sanitise(says.trim()), REPEATED).into_owned(),
        }
    }

    /// That it speaks something else.
    fn other(&self) -> ProbeError {
        let (_, greeting) = greeting::recognise(&self.heard);
        ProbeError::StartTlsOther {
            protocol: self.protocol,
            greeting,
        }
    }

    /// That it speaks the protocol and does not want to talk, or speaks another one that begins
    /// with a number.
    fn unlike(&self, code: &str, lines: &[String]) -> ProbeError {
        match code.chars().next() {
            Some('4' | '5') => self.refused(&format!("{code} {}", lines.join(" "))),
            _ => self.other(),
        }
    }
}

/// What an SMTP server said.
struct Reply {
    code: String,
    lines: Vec<String>,
}

impl Reply {
    fn text(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }
}

/// This machine as EHLO names it that has no name (RFC 5321, section 4.1.3).
fn literal(here: Option<SocketAddr>) -> String {
    match here.map(|here| here.ip().to_canonical()) {
        Some(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Some(IpAddr::V4(address)) => format!("[{address}]"),
        None => "[127.0.0.1]".to_owned(),
    }
}

/// The number, the code and the words of an extended response (RFC 4511, sections 4.1.9 and 4.12).
fn ldap_result(message: &[u8]) -> Option<(u8, u8, String)> {
    let (2, &[number], rest) = element(message)? else {
        return None;
    };
    let (0x78, response, _) = element(rest)? else {
        return None;
    };
    let (0x0a, &[code], rest) = element(response)? else {
        return None;
    };
    let (_, _, rest) = element(rest).unwrap_or_default();
    let (_, says, _) = element(rest).unwrap_or_default();
    Some((number, code, String::from_utf8_lossy(says).into_owned()))
}

/// The tag and the content of an element that is no longer than 127 bytes or has up to two bytes of
/// length, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length, rest) = match bytes {
        [tag, 0x82, high, low, rest @ ..] => {
            (*tag, usize::from(*high) << 8 | usize::from(*low), rest)
        }
        [tag, 0x81, length, rest @ ..] | [tag, length @ ..=0x7f, rest @ ..] => {
            (*tag, usize::from(*length), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// Results that have a name which helps (RFC 4511, appendix A).
fn ldap_words(code: u8, says: &str) -> String {
    let name = match code {
        1 => "operationsError",
        2 => "protocolError",
        8 => "strongerAuthRequired",
        49 => "invalidCredentials",
        50 => "insufficientAccessRights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwillingToPerform",
        _ => "a refusal",
    };
    match says {
        "" => format!("{name}, result {code}"),
        says => format!("{name}, result {code}: {says}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_of_directories_are_read() {
        let good = [2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0];
        assert_eq!(ldap_result(&good), Some((1, 0, String::new())));
        let no = [2, 1, 1, 0x78, 9, 0x0a, 1, 52, 4, 0, 4, 2, b'n', b'o'];
        let (_, code, says) = ldap_result(&no).unwrap();
        assert_eq!(ldap_words(code, &says), "unavailable, result 52: no");
        assert_eq!(ldap_result(&[2, 1, 1, 0x65, 0]), None, "another answer");
    }

    #[test]
    fn a_machine_without_a_name_gives_its_address() {
        let said = |address: &str| literal(address.parse().ok());
        assert_eq!(said("192.0.2.7:5000"), "[192.0.2.7]");
        assert_eq!(said("[2001:db8::7]:5000"), "[IPv6:2001:db8::7]");
        assert_eq!(said("[::ffff:192.0.2.7]:5000"), "[192.0.2.7]");
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = ldap_result(&bytes);
        }
    }
}
