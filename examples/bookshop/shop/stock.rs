//! What the shop opens with.

use axum::body::Bytes;

use super::{NewBook, NewReview, Shop};

/// The cover that books have until they get one of their own.
const COVER: &[u8] = include_bytes!("../cover.png");

/// ISBN, title, author, year, tags, price, stock, sold.
type Row = (&'static str, &'static str, &'static str, i64, &'static [&'static str], f64, u64, u64);

const BOOKS: &[Row] = &[
    (
        "9780441478125",
        "The Left Hand of Darkness",
        "Ursula K. Le Guin",
        1969,
        &["science-fiction", "classic"],
        11.5,
        7,
        90,
    ),
    ("9780156027601", "Solaris", "Stanisław Lem", 1961, &["science-fiction", "classic"], 14.0, 2, 75),
    (
        "9780547773742",
        "A Wizard of Earthsea",
        "Ursula K. Le Guin",
        1968,
        &["fantasy", "children"],
        9.9,
        12,
        60,
    ),
    ("9780062073488", "And Then There Were None", "Agatha Christie", 1939, &["crime", "classic"], 8.5, 0, 55),
    (
        "9780141439761",
        "The Hound of the Baskervilles",
        "Arthur Conan Doyle",
        1902,
        &["crime", "classic"],
        7.2,
        5,
        40,
    ),
    ("9780156029056", "The Cyberiad", "Stanisław Lem", 1965, &["science-fiction"], 13.3, 4, 30),
];

impl Shop {
    /// A shop with a few books, covers and reviews.
    pub(crate) fn stocked() -> Self {
        let mut shop = Self::default();
        for (isbn, title, author, year, tags, price, stock, sold) in BOOKS {
            let book = NewBook {
                isbn: (*isbn).to_owned(),
                title: (*title).to_owned(),
                author: (*author).to_owned(),
                year: *year,
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                price: *price,
                stock: *stock,
                description: None,
            };
            if shop.add(book).is_err() {
                continue;
            }
            if let Ok(shelf) = shop.shelf_mut(isbn) {
                shelf.sold = *sold;
                shelf.cover = Some(Bytes::from_static(COVER));
            }
        }
        for (rating, name, text) in [(4, None, None), (5, Some("Estraven"), Some("Cold, and warm."))] {
            let review = NewReview { rating, name: name.map(str::to_owned), text: text.map(str::to_owned) };
            // The first book is there: it was added above.
            drop(shop.review("9780441478125", review));
        }
        shop
    }
}
