//! How anything here reaches the network: one client builder ([`client`]) and a short way for requests without TLS
//! ([`plain`]), one policy on addresses ([`address`]), one way to read a body ([`body`]).
//!
//! Nothing connects anywhere except through a [`client::Clients`], so what holds for it holds for all of toolgate: no
//! redirect is followed and nothing is sent twice behind our back, no proxy is taken from the environment, and an
//! address is checked at the moment of connecting, not when its name is first seen.

pub mod address;
pub mod body;
pub mod client;
mod connection;
mod decode;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod plain;
mod pool;
pub(crate) mod response;

pub use address::Policy;
pub use client::Clients;
