//! Sound as telephones carry it: 8,000 samples a second, one channel.
//! It plays nothing and listens to nothing by itself.

pub(crate) mod law;
pub(crate) mod tone;
pub(crate) mod wav;
