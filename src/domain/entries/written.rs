//! Reading an entry's line in the form in which certdeck writes it: at a million lines several times
//! as quick as a reader of any JSON.
//!
//! Pure. It never guesses: whatever is not exactly that form – a blank, a member in another place, an
//! escape in a text that is needed – is left to `serde_json`, and where it does answer, it answers the
//! same (a property test holds the two together). The store calls it for each line of a snapshot.

mod reader;

use std::borrow::Cow;

use self::reader::{Members, Reader};
use super::thin::{
    TRACKS, Text, Thin, ThinCertificate, ThinInvoice, ThinLink, ThinOrder, ThinProbed, ThinProduct,
    ThinTrack,
};

impl<'a> Thin<'a> {
    /// The entry with which a text begins and what follows it; nothing where it is not written as
    /// certdeck writes, or is no entry.
    #[must_use]
    pub fn written(text: &'a str) -> Option<(Self, &'a str)> {
        let mut reader = Reader::of(text)?;
        let thin = entry(&mut reader)?;
        Some((thin, reader.rest()))
    }
}

/// The members stand in the order in which `Entry` and its parts have them.
fn entry<'a>(reader: &mut Reader<'a>) -> Option<Thin<'a>> {
    let mut members = Members::new();
    members.must(reader, "\"id\":")?;
    let id = reader.text()?;
    members.must(reader, "\"account\":")?;
    let account = reader.text()?;
    members.must(reader, "\"lifecycle\":")?;
    let lifecycle = reader.text()?;
    members.must(reader, "\"names\":")?;
    let names = reader.array(|reader| reader.text().map(Text))?;
    members.must(reader, "\"tracks\":")?;
    let tracks = tracks(reader)?;
    let product = members.value(reader, "\"product\":", product)?;
    let order = members.value(reader, "\"order\":", order)?;
    let serving = members.value(reader, "\"certificates\":", serving)?;
    let links = members.value(reader, "\"links\":", |reader| reader.array(link))?;
    let request = members.present(reader, "\"request\":")?;
    members.skip(reader, "\"sending\":")?;
    members.skip(reader, "\"records\":")?;
    members.skip(reader, "\"authorizations\":")?;
    members.skip(reader, "\"validation_errors\":")?;
    members.skip(reader, "\"adding\":")?;
    let dns_points = members.value(reader, "\"dns_points\":", |reader| {
        reader.option(Reader::bool)
    })?;
    let gone = members.present(reader, "\"gone\":")?;
    let said = members.present(reader, "\"said\":")?;
    members.skip(reader, "\"origin\":")?;
    let trouble = members.present(reader, "\"trouble\":")?;
    let undeployed = members.present(reader, "\"undeployed\":")?;
    let probed = members.value(reader, "\"probed\":", |reader| reader.option(probed))?;
    let note = members.value(reader, "\"note\":", Reader::text)?;
    let archived = members.value(reader, "\"archived\":", Reader::bool)?;
    members.must(reader, "\"created\":")?;
    let created = reader.time()?;
    members.must(reader, "\"changed\":")?;
    let changed = reader.time()?;
    members.end(reader)?;
    Some(Thin {
        id,
        account,
        lifecycle,
        names,
        tracks,
        product,
        order,
        serving,
        links,
        request,
        gone,
        said,
        trouble,
        undeployed,
        probed,
        dns_points,
        note,
        archived,
        created,
        changed,
        is_bare: true,
    })
}

fn tracks<'a>(reader: &mut Reader<'a>) -> Option<Vec<ThinTrack<'a>>> {
    let mut all: Vec<ThinTrack<'a>> = Vec::with_capacity(TRACKS);
    reader.between(*b"{}", |reader| {
        let id = reader.text()?;
        reader.take(b':')?;
        // In the order in which a map has them.
        if all.last().is_some_and(|last| last.id >= id) {
            return None;
        }
        all.push(track(reader, id)?);
        Some(())
    })?;
    Some(all)
}

fn track<'a>(reader: &mut Reader<'a>, id: Cow<'a, str>) -> Option<ThinTrack<'a>> {
    let mut members = Members::new();
    members.must(reader, "\"state\":")?;
    // One that no table knows stands in an object of its own.
    let known = reader.take_word("{\"unknown\":").is_none();
    let state = reader.text()?;
    if !known {
        reader.take(b'}')?;
    }
    members.must(reader, "\"since\":")?;
    let since = reader.time()?;
    members.skip(reader, "\"previous\":")?;
    members.end(reader)?;
    Some(ThinTrack {
        id,
        state,
        known,
        since,
    })
}

fn product<'a>(reader: &mut Reader<'a>) -> Option<ThinProduct<'a>> {
    let mut members = Members::new();
    let name = members.value(reader, "\"name\":", Reader::text)?;
    members.skip(reader, "\"brand\":")?;
    members.skip(reader, "\"level\":")?;
    members.skip(reader, "\"kind\":")?;
    members.skip(reader, "\"term-months\":")?;
    members.skip(reader, "\"price\":")?;
    members.skip(reader, "\"free\":")?;
    members.skip(reader, "\"hosted\":")?;
    members.skip(reader, "\"auto-renew\":")?;
    members.skip(reader, "\"privacy-cancelled\":")?;
    members.skip(reader, "\"name-limit\":")?;
    members.skip(reader, "\"lifetime-days\":")?;
    members.skip(reader, "\"private\":")?;
    let invoice = members.value(reader, "\"invoice\":", |reader| reader.option(invoice))?;
    members.skip(reader, "\"order-number\":")?;
    let paid_until = members.value(reader, "\"paid-until\":", |reader| {
        reader.option(Reader::time)
    })?;
    members.end(reader)?;
    Some(ThinProduct {
        name,
        paid_until,
        invoice,
    })
}

fn probed(reader: &mut Reader<'_>) -> Option<ThinProbed> {
    let mut members = Members::new();
    members.must(reader, "\"served\":")?;
    let served = reader.word()?;
    members.skip(reader, "\"at\":")?;
    members.skip(reader, "\"places\":")?;
    members.skip(reader, "\"skipped\":")?;
    members.end(reader)?;
    Some(ThinProbed { served })
}

fn invoice(reader: &mut Reader<'_>) -> Option<ThinInvoice> {
    let mut members = Members::new();
    members.skip(reader, "\"number\":")?;
    members.skip(reader, "\"amount\":")?;
    members.skip(reader, "\"link\":")?;
    let paid_at = members.present(reader, "\"paid-at\":")?;
    members.end(reader)?;
    Some(ThinInvoice { paid_at })
}

fn order<'a>(reader: &mut Reader<'a>) -> Option<ThinOrder<'a>> {
    let mut members = Members::new();
    let key_type = members.value(reader, "\"key-type\":", |reader| {
        reader.option(|reader| reader.text().map(Text))
    })?;
    members.skip(reader, "\"csr-by\":")?;
    members.skip(reader, "\"csr\":")?;
    members.skip(reader, "\"spki-sha256\":")?;
    members.skip(reader, "\"key-held\":")?;
    let method = members.value(reader, "\"method\":", |reader| reader.option(Reader::word))?;
    members.skip(reader, "\"mailbox\":")?;
    members.end(reader)?;
    Some(ThinOrder { key_type, method })
}

#[expect(
    clippy::option_option,
    reason = "the outer one says whether it could be read"
)]
fn serving<'a>(reader: &mut Reader<'a>) -> Option<Option<ThinCertificate<'a>>> {
    let mut kept = None;
    reader.between(*b"[]", |reader| {
        certificate(reader)?.put(&mut kept);
        Some(())
    })?;
    Some(kept)
}

fn certificate<'a>(reader: &mut Reader<'a>) -> Option<ThinCertificate<'a>> {
    let mut members = Members::new();
    members.skip(reader, "\"sha256\":")?;
    members.skip(reader, "\"chain\":")?;
    members.must(reader, "\"role\":")?;
    let role = reader.word()?;
    members.skip(reader, "\"subject\":")?;
    members.must(reader, "\"issuer\":")?;
    let issuer = reader.text()?;
    members.skip(reader, "\"serial\":")?;
    members.must(reader, "\"not_before\":")?;
    let not_before = reader.time()?;
    members.must(reader, "\"not_after\":")?;
    let not_after = reader.time()?;
    members.must(reader, "\"key\":")?;
    let key = reader.text()?;
    members.skip(reader, "\"spki_sha256\":")?;
    let is_ca = members.value(reader, "\"is_ca\":", Reader::bool)?;
    members.end(reader)?;
    Some(ThinCertificate {
        role,
        issuer,
        not_before,
        not_after,
        key,
        is_ca,
    })
}

fn link<'a>(reader: &mut Reader<'a>) -> Option<ThinLink<'a>> {
    let mut members = Members::new();
    members.must(reader, "\"kind\":")?;
    let kind = reader.word()?;
    members.must(reader, "\"entry\":")?;
    let entry = reader.text()?;
    members.end(reader)?;
    Some(ThinLink { kind, entry })
}

#[cfg(test)]
mod tests;
