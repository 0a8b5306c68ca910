//! What stands around the code is true: the order of the modules, the image, the README.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod documentation;
mod image;
mod readme;
