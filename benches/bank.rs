//! How long the start waits for the bank: all that is compiled in is read, up to the index by which
//! questions are found. A year of 366 questions may take 10 ms.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use whetstone::bank::Bank;

fn load(criterion: &mut Criterion) {
    criterion.bench_function("load the built-in bank", |bencher| {
        bencher.iter(|| black_box(Bank::builtin()).is_ok())
    });
}

criterion_group!(benches, load);
criterion_main!(benches);
