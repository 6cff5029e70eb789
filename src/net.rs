//! How anything here reaches the network: one client builder, one address policy.
