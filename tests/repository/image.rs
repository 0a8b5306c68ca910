//! The image can be built from what Dockerfile and .dockerignore let through: the test copies just
//! that into a folder, line by line as the Dockerfile does, and runs its cargo command there.

use globset::{Glob, GlobBuilder, GlobMatcher};
use parse_dockerfile::{Command as Words, CopyInstruction, Dockerfile, Instruction, Source};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
const DOCKERFILE: &str = include_str!("../../Dockerfile");
const IGNORED: &str = include_str!("../../.dockerignore");

#[test]
fn cargo_is_content_with_what_the_image_is_built_from() {
    let dockerfile = parse_dockerfile::parse(DOCKERFILE).unwrap();
    let stage = dockerfile.stage("build").expect("a stage `build`");
    let context = Context::of(Path::new(REPOSITORY), &Ignored::parse(IGNORED));
    // A folder that stays, so that the next run finds its crate checked already.
    let mut image = Image::empty(Path::new(env!("CARGO_TARGET_TMPDIR")).join("image"));
    let mut checked = 0;
    for instruction in stage.instructions {
        match instruction {
            Instruction::Workdir(workdir) => image.enter(&workdir.arguments.value),
            Instruction::Copy(copy) => image.copy(&context, copy),
            // It is for whoever builds the image to give, and may be left out.
            Instruction::Arg(_) => {}
            Instruction::Run(run) => {
                let Words::Shell(line) = &run.arguments else { panic!("not the shell's form") };
                if let Some(options) = line.value.strip_prefix("cargo build ") {
                    image.check(&without_profile(options));
                    checked += 1;
                }
            }
            other => panic!("this test does not know {other:?}"),
        }
    }
    assert_eq!(checked, 1, "the stage builds once");
}

#[test]
fn the_binary_is_taken_from_where_its_profile_puts_it() {
    let dockerfile = parse_dockerfile::parse(DOCKERFILE).unwrap();
    let options = build_options(&dockerfile);
    let folder = match options.iter().position(|option| *option == "--profile") {
        Some(at) => options[at + 1],
        None if options.contains(&"--release") => "release",
        None => "debug",
    };
    let built = format!("/src/target/{folder}/whetstone");
    let taken = dockerfile.instructions.iter().any(
        |instruction| matches!(instruction, Instruction::Copy(copy) if sources(copy).eq([&built])),
    );
    assert!(taken, "no COPY takes {built}");
}

/// What the image does without is not even built.
#[test]
fn the_image_holds_no_simulated_discord() {
    let dockerfile = parse_dockerfile::parse(DOCKERFILE).unwrap();
    let options = build_options(&dockerfile);
    let options = options.join(" ");
    let chosen = without_profile(&options);
    let built = |chosen: &[&str]| {
        let mut cargo = cargo("tree", Path::new(REPOSITORY));
        cargo.args(["--edges", "normal", "--prefix", "none"]).args(chosen);
        let tree = String::from_utf8(cargo.output().unwrap().stdout).unwrap();
        let names = tree.lines().filter_map(|line| line.split(' ').next().map(str::to_owned));
        names.collect::<BTreeSet<_>>()
    };
    let playground = ["discord-sim", "notify", "rcgen", "multer"];
    let of_the_image = built(chosen.strip_suffix(&["--bin", "whetstone"]).unwrap());
    assert!(of_the_image.contains("serenity"), "{of_the_image:?}");
    assert!(!playground.iter().any(|name| of_the_image.contains(*name)), "{of_the_image:?}");
    let of_all = built(&["--package", "whetstone"]);
    assert!(playground.iter().all(|name| of_all.contains(*name)), "{of_all:?}");
}

/// What .dockerignore says, by Docker's rules (<https://docs.docker.com/build/concepts/context/#dockerignore-files>).
#[test]
fn the_last_pattern_that_matches_a_path_or_its_folder_decides() {
    let kept = |ignored: &str, path: &str| !Ignored::parse(ignored).leaves_out(Path::new(path));
    for (ignored, path, expected) in [
        ("", "src/main.rs", true),
        ("src", "src/main.rs", false),
        ("/src/", "src/main.rs", false),
        ("main.rs", "src/main.rs", true),
        ("*.rs", "src/main.rs", true),
        ("*/*.rs", "src/main.rs", false),
        ("**/*.rs", "src/deep/main.rs", false),
        ("# src", "src/main.rs", true),
        ("*\n!src", "src/main.rs", true),
        ("!src\n*", "src/main.rs", false),
        ("*\n!src\nsrc/*.md", "src/notes.md", false),
        ("*\n!src/deep", "src/deep/main.rs", true),
        ("*\n!src/deep", "src/main.rs", false),
    ] {
        assert_eq!(kept(ignored, path), expected, "{path} with {ignored:?}");
    }
}

/// The options of the stage's `cargo build`.
fn build_options<'a>(dockerfile: &Dockerfile<'a>) -> Vec<&'a str> {
    let options = dockerfile.instructions.iter().find_map(|instruction| match instruction {
        Instruction::Run(run) => match &run.arguments {
            Words::Shell(line) => line.value.strip_prefix("cargo build "),
            _ => None,
        },
        _ => None,
    });
    options.expect("a line that builds").split_whitespace().collect()
}

/// The same options but for those that choose a profile: whether it compiles depends on none.
fn without_profile(options: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut words = options.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "--release" => {}
            "--profile" => drop(words.next()),
            word => kept.push(word),
        }
    }
    kept
}

fn sources<'a>(copy: &'a CopyInstruction<'_>) -> impl Iterator<Item = &'a str> {
    copy.src.iter().map(|source| match source {
        Source::Path(path) => path.value.as_ref(),
        other => panic!("this test does not know {other:?}"),
    })
}

/// The patterns of a .dockerignore.
struct Ignored(Vec<Pattern>);

struct Pattern {
    text: String,
    matcher: GlobMatcher,
    exception: bool,
}

impl Ignored {
    fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        Self(lines.filter(|l| !l.is_empty() && !l.starts_with('#')).map(Pattern::parse).collect())
    }

    fn leaves_out(&self, path: &Path) -> bool {
        let last = self.0.iter().rev().find(|pattern| pattern.covers(path));
        last.is_some_and(|pattern| !pattern.exception)
    }

    /// Whether something inside of a folder that is left out may be let through all the same.
    fn may_let_in_below(&self, folder: &Path) -> bool {
        self.0.iter().any(|pattern| {
            pattern.exception
                && (pattern.text.contains('*') || Path::new(&pattern.text).starts_with(folder))
        })
    }
}

impl Pattern {
    fn parse(line: &str) -> Self {
        let (text, exception) = match line.strip_prefix('!') {
            Some(text) => (text, true),
            None => (line, false),
        };
        let text = clean(text).to_owned();
        Self { matcher: glob(&text), text, exception }
    }

    fn covers(&self, path: &Path) -> bool {
        let named = path.ancestors().filter(|part| !part.as_os_str().is_empty());
        named.into_iter().any(|part| self.matcher.is_match(part))
    }
}

/// A path of the context as Docker compares it: without the slashes around it.
fn clean(path: &str) -> &str {
    let path = path.trim_start_matches("./").trim_matches('/');
    if path == "." { "" } else { path }
}

fn glob(pattern: &str) -> GlobMatcher {
    let glob: Glob = GlobBuilder::new(pattern).literal_separator(true).build().unwrap();
    glob.compile_matcher()
}

/// What Docker is given: the files that .dockerignore lets through.
struct Context {
    from: PathBuf,
    files: BTreeSet<PathBuf>,
}

impl Context {
    fn of(from: &Path, ignored: &Ignored) -> Self {
        let mut context = Self { from: from.to_owned(), files: BTreeSet::new() };
        context.gather(Path::new(""), ignored);
        context
    }

    fn gather(&mut self, folder: &Path, ignored: &Ignored) {
        for entry in fs::read_dir(self.from.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let left_out = ignored.leaves_out(&path);
            if entry.file_type().unwrap().is_dir() {
                if !left_out || ignored.may_let_in_below(&path) {
                    self.gather(&path, ignored);
                }
            } else if !left_out {
                self.files.insert(path);
            }
        }
    }

    /// The files and folders that a source of a COPY names.
    fn named(&self, source: &str) -> BTreeSet<&Path> {
        let matcher = glob(clean(source));
        let all = self.files.iter().flat_map(|file| file.ancestors());
        all.filter(|path| matcher.is_match(path)).collect()
    }
}

/// The file system of the stage, in a folder.
struct Image {
    root: PathBuf,
    folder: PathBuf,
}

impl Image {
    fn empty(root: PathBuf) -> Self {
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        Self { folder: root.clone(), root }
    }

    /// Where a path of the image lies.
    fn inside(&self, path: &str) -> PathBuf {
        match path.strip_prefix('/') {
            Some(path) => self.root.join(path),
            None => self.folder.join(path.trim_start_matches("./")),
        }
    }

    fn enter(&mut self, folder: &str) {
        self.folder = self.inside(folder);
        fs::create_dir_all(&self.folder).unwrap();
    }

    fn copy(&self, context: &Context, copy: &CopyInstruction<'_>) {
        assert!(copy.options.is_empty(), "this test does not know {:?}", copy.options);
        let to = self.inside(&copy.dest.value);
        let into_folder = copy.dest.value.ends_with('/') || copy.src.len() > 1;
        for source in sources(copy) {
            let named = context.named(source);
            assert!(!named.is_empty(), "COPY {source}: .dockerignore lets nothing of it through");
            for path in named {
                if !context.files.contains(path) {
                    copy_content(context, path, &to);
                } else if into_folder {
                    copy_file(&context.from.join(path), &to.join(path.file_name().unwrap()));
                } else {
                    copy_file(&context.from.join(path), &to);
                }
            }
        }
    }

    /// Runs the stage's cargo on what is there so far. What `cargo build` would refuse, this does.
    fn check(&self, options: &[&str]) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let mut cargo = cargo("check", &self.folder);
        cargo.arg("--quiet").args(options);
        let output = cargo.env("CARGO_TARGET_DIR", target).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo check {}:\n{told}", options.join(" "));
    }
}

/// A cargo command, without what `cargo test` tells a test of its package: ring would be built
/// again for it, and after this once more.
fn cargo(command: &str, folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--offline"]).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_package) {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn is_of_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "OUT_DIR"].iter().any(|prefix| variable.starts_with(prefix))
}

/// COPY copies what is in a folder, not the folder.
fn copy_content(context: &Context, folder: &Path, to: &Path) {
    for file in &context.files {
        let Ok(inside) = file.strip_prefix(folder) else { continue };
        copy_file(&context.from.join(file), &to.join(inside));
        for inside in inside.ancestors().skip(1) {
            keep_time(&context.from.join(folder).join(inside), &to.join(inside));
        }
    }
}

fn copy_file(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
    keep_time(from, to);
}

/// By the time of the last change, cargo sees what it has checked before.
fn keep_time(from: &Path, to: &Path) {
    let changed = from.metadata().unwrap().modified().unwrap();
    fs::File::open(to).unwrap().set_modified(changed).unwrap();
}
