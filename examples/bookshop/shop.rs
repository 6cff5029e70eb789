//! What is on the shelves, what readers say, and what was ordered.

mod stock;

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::query::Query;

/// Tags that a book may have.
const TAGS: [&str; 6] = ["science-fiction", "fantasy", "crime", "classic", "essay", "children"];
/// When reviews are written: the shop has no clock, so that its answers are always the same.
const WRITTEN: &str = "2026-02-01T12:00:00Z";

/// The whole shop.
#[derive(Debug, Default)]
pub(crate) struct Shop {
    books: BTreeMap<String, Shelf>,
    authors: Vec<Author>,
    orders: Vec<(Option<String>, Order)>,
    reviews: u64,
}

/// A book with what belongs to it.
#[derive(Debug)]
struct Shelf {
    book: Book,
    /// How many were sold: the order of the list.
    sold: u64,
    cover: Option<Bytes>,
    reviews: Vec<Review>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Author {
    id: usize,
    name: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Book {
    pub(crate) isbn: String,
    title: String,
    author: Author,
    year: i64,
    tags: Vec<String>,
    price: f64,
    stock: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    rating: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBook {
    isbn: String,
    title: String,
    author: String,
    #[serde(default = "this_year")]
    year: i64,
    #[serde(default)]
    tags: Vec<String>,
    price: f64,
    #[serde(default)]
    stock: u64,
    description: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReview {
    rating: u8,
    name: Option<String>,
    text: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Review {
    id: u64,
    rating: u8,
    name: Option<String>,
    text: Option<String>,
    written: &'static str,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    items: Vec<Item>,
    ship_to: Address,
    note: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    isbn: String,
    #[serde(default = "one")]
    quantity: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Address {
    name: String,
    street: String,
    city: String,
    country: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Order {
    id: u64,
    status: &'static str,
    items: Vec<Item>,
    ship_to: Address,
    note: Option<String>,
    total: f64,
}

/// Part of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    page: usize,
    per_page: usize,
    total: usize,
}

impl Shop {
    /// The books that the query asks for.
    pub(crate) fn list(&self, query: &Query) -> Result<Page<Book>, Problem> {
        let least: f64 = query.parsed("price[min]")?.unwrap_or(0.0);
        let greatest: f64 = query.parsed("price[max]")?.unwrap_or(f64::INFINITY);
        let in_stock: bool = query.parsed("in_stock")?.unwrap_or(false);
        let tags: Vec<&str> = query.all("tags").collect();
        let words = query.value("q").unwrap_or_default().to_lowercase();
        let author = query.value("author").unwrap_or_default().to_lowercase();
        let matches = |book: &Book| {
            let title = book.title.to_lowercase();
            words.split_whitespace().all(|word| title.contains(word))
                && book.author.name.to_lowercase().contains(&author)
                && tags.iter().all(|tag| book.tags.iter().any(|own| own == tag))
                && (least..=greatest).contains(&book.price)
                && (!in_stock || book.stock > 0)
        };
        let mut found: Vec<&Shelf> = self.books.values().filter(|shelf| matches(&shelf.book)).collect();
        sort(&mut found, query.value("sort").unwrap_or("sold"))?;
        page(query, found.iter().map(|shelf| shelf.book.clone()).collect())
    }

    /// One book, with its rating.
    pub(crate) fn book(&self, isbn: &str) -> Result<Book, Problem> {
        self.shelf(isbn).map(|shelf| Book { rating: rating(&shelf.reviews), ..shelf.book.clone() })
    }

    /// Puts a book on the shelves.
    pub(crate) fn add(&mut self, new: NewBook) -> Result<Book, Problem> {
        let NewBook { isbn, title, author, year, tags, price, stock, description } = new;
        let digits = isbn.len() == 13 && isbn.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(isbn.starts_with("978") || isbn.starts_with("979")) {
            return Err(Problem::refused(format!("`{isbn}` is no ISBN-13")));
        }
        if title.is_empty() || author.is_empty() || price <= 0.0 {
            return Err(Problem::refused("a book has a title, an author and a price"));
        }
        if let Some(tag) = tags.iter().find(|tag| !TAGS.contains(&tag.as_str())) {
            return Err(Problem::refused(format!("there is no tag `{tag}`")));
        }
        if self.books.contains_key(&isbn) {
            return Err(Problem::conflict(format!("there is a book {isbn} already")));
        }
        let author = self.author(&author);
        let book =
            Book { isbn: isbn.clone(), title, author, year, tags, price, stock, description, rating: None };
        self.books.insert(isbn, Shelf { book: book.clone(), sold: 0, cover: None, reviews: Vec::new() });
        Ok(book)
    }

    /// Takes a book off the shelves.
    pub(crate) fn remove(&mut self, isbn: &str) -> Result<(), Problem> {
        self.books.remove(isbn).map(drop).ok_or_else(|| no_book(isbn))
    }

    /// The cover of a book.
    pub(crate) fn cover(&self, isbn: &str) -> Result<Bytes, Problem> {
        let cover = self.shelf(isbn)?.cover.clone();
        cover.ok_or_else(|| Problem::missing("the book has no cover"))
    }

    /// Replaces the cover of a book.
    pub(crate) fn set_cover(&mut self, isbn: &str, cover: Bytes) -> Result<(), Problem> {
        self.shelf_mut(isbn)?.cover = Some(cover);
        Ok(())
    }

    /// What readers say about a book, newest first.
    pub(crate) fn reviews(&self, isbn: &str, query: &Query) -> Result<Page<Review>, Problem> {
        page(query, self.shelf(isbn)?.reviews.iter().rev().cloned().collect())
    }

    /// Adds a review.
    pub(crate) fn review(&mut self, isbn: &str, new: NewReview) -> Result<Review, Problem> {
        let NewReview { rating, name, text } = new;
        if !(1..=5).contains(&rating) {
            return Err(Problem::refused("`rating` is from 1 to 5"));
        }
        let review = Review { id: self.reviews + 1, rating, name, text, written: WRITTEN };
        self.shelf_mut(isbn)?.reviews.push(review.clone());
        self.reviews += 1;
        Ok(review)
    }

    /// All authors, by name.
    pub(crate) fn authors(&self) -> Vec<Author> {
        let mut authors = self.authors.clone();
        authors.sort_by(|a, b| a.name.cmp(&b.name));
        authors
    }

    /// Orders what is in stock. The same key is the same order.
    pub(crate) fn order(&mut self, key: Option<&str>, new: NewOrder) -> Result<Order, Problem> {
        let known = self.orders.iter().find(|(own, _)| key.is_some() && own.as_deref() == key);
        if let Some((_, order)) = known {
            return Ok(order.clone());
        }
        if new.items.is_empty() || new.items.iter().any(|item| !(1..=20).contains(&item.quantity)) {
            return Err(Problem::refused("an order has items, of each 1 to 20"));
        }
        let total = new.items.iter().map(|item| self.price(item)).sum::<Result<f64, Problem>>()?;
        for item in &new.items {
            let shelf = self.shelf_mut(&item.isbn)?;
            shelf.book.stock = shelf.book.stock.saturating_sub(item.quantity);
            shelf.sold += item.quantity;
        }
        let id = 1001 + u64::try_from(self.orders.len()).unwrap_or_default();
        let NewOrder { items, ship_to, note } = new;
        let order = Order { id, status: "received", items, ship_to, note, total };
        self.orders.push((key.map(str::to_owned), order.clone()));
        Ok(order)
    }

    /// One order.
    pub(crate) fn ordered(&self, id: u64) -> Result<Order, Problem> {
        let order = self.orders.iter().map(|(_, order)| order).find(|order| order.id == id);
        order.cloned().ok_or_else(|| Problem::missing(format!("there is no order {id}")))
    }

    fn price(&self, item: &Item) -> Result<f64, Problem> {
        let book =
            &self.shelf(&item.isbn).map_err(|_| Problem::refused(format!("no book {}", item.isbn)))?.book;
        match book.stock >= item.quantity {
            true => Ok(book.price * f64::from(u32::try_from(item.quantity).unwrap_or(u32::MAX))),
            false => Err(Problem::conflict(format!("only {} of {} are in stock", book.stock, book.isbn))),
        }
    }

    fn author(&mut self, name: &str) -> Author {
        if let Some(author) = self.authors.iter().find(|author| author.name == name) {
            return author.clone();
        }
        let author = Author { id: self.authors.len() + 1, name: name.to_owned() };
        self.authors.push(author.clone());
        author
    }

    fn shelf(&self, isbn: &str) -> Result<&Shelf, Problem> {
        self.books.get(isbn).ok_or_else(|| no_book(isbn))
    }

    fn shelf_mut(&mut self, isbn: &str) -> Result<&mut Shelf, Problem> {
        self.books.get_mut(isbn).ok_or_else(|| no_book(isbn))
    }
}

/// When the shop is open on a day.
pub(crate) fn opening_hours(day: &str) -> Result<serde_json::Value, Problem> {
    let (opens, closes) = match day {
        "monday" | "tuesday" | "wednesday" | "thursday" | "friday" => ("09:00", "18:30"),
        "saturday" => ("10:00", "14:00"),
        "sunday" => return Ok(serde_json::json!({"day": day, "opens": null, "closes": null})),
        _ => return Err(Problem::refused(format!("there is no day `{day}`"))),
    };
    Ok(serde_json::json!({"day": day, "opens": opens, "closes": closes}))
}

fn sort(shelves: &mut [&Shelf], by: &str) -> Result<(), Problem> {
    match by {
        "sold" => shelves.sort_by_key(|shelf| std::cmp::Reverse(shelf.sold)),
        "title" => shelves.sort_by(|a, b| a.book.title.cmp(&b.book.title)),
        "price" => shelves.sort_by(|a, b| a.book.price.total_cmp(&b.book.price)),
        "year" => shelves.sort_by_key(|shelf| shelf.book.year),
        other => return Err(Problem::refused(format!("there is no order `{other}`"))),
    }
    Ok(())
}

fn page<T>(query: &Query, items: Vec<T>) -> Result<Page<T>, Problem> {
    let total = items.len();
    let (items, page, per_page) = query.page(items)?;
    Ok(Page { items, page, per_page, total })
}

fn rating(reviews: &[Review]) -> Option<f64> {
    let count = u32::try_from(reviews.len()).ok().filter(|count| *count > 0)?;
    let sum: f64 = reviews.iter().map(|review| f64::from(review.rating)).sum();
    Some(sum / f64::from(count))
}

fn no_book(isbn: &str) -> Problem {
    Problem::missing(format!("there is no book {isbn}"))
}

fn one() -> u64 {
    1
}

fn this_year() -> i64 {
    2026
}
