//! Reaches people: the clients of gateways.
