//! Every wrapper, with the options that people give it, round one thing that must be asked about.

use std::collections::BTreeMap;

use crate::rulebook::Rulebook;
use crate::trial;

/// Commands that remove something through a wrapper; `⏎` is a line end.
const STOPPED: &str = r#"
sudo -u postgres -H rm -rf /srv/data
sudo -E -u root -g wheel -- rm -rf /srv/data
sudo -nu root rm -rf /srv/data
sudo A=1 B=2 rm -rf /srv/data
sudo -s rm -rf /srv/data
sudo -i -u root rm -rf /srv/data
echo 'rm -rf /srv/data' | sudo bash
sudo su - -c 'rm -rf /srv/data'
sudo su - postgres -c 'dropdb app'
su -c 'rm -rf /srv/data' root
su - <<< 'rm -rf /srv/data'
doas -u root rm -rf /srv/data
pkexec --user root rm -rf /srv/data
runuser -u postgres -- dropdb app
runuser postgres -c 'dropdb app'
gosu postgres dropdb app
su-exec postgres dropdb app
setpriv --reuid=1000 --clear-groups rm -rf /srv/data
sg docker -c 'rm -rf /srv/data'
env -i PATH=/bin rm -rf /srv/data
env - PATH=/bin rm -rf /srv/data
env -u HOME -C /srv rm -rf data
env -S 'rm -rf /srv/data'
env -S 'rm -rf' /srv/data
nohup rm -rf /srv/data &
setsid -w rm -rf /srv/data
nice -n 10 rm -rf /srv/data
nice -10 rm -rf /srv/data
nice rm -rf /srv/data
ionice -c 3 rm -rf /srv/data
ionice -c3 -n7 rm -rf /srv/data
chrt -i 0 rm -rf /srv/data
taskset -c 0-3 rm -rf /srv/data
timeout 10 rm -rf /srv/data
timeout -s KILL -k 5 10 rm -rf /srv/data
timeout --foreground 10 rm -rf /srv/data
time -p rm -rf /srv/data
/usr/bin/time -f %e rm -rf /srv/data
stdbuf -oL rm -rf /srv/data
stdbuf -o L rm -rf /srv/data
unbuffer rm -rf /srv/data
script -qec 'rm -rf /srv/data' /dev/null
script -q /dev/null rm -rf /srv/data
chronic rm -rf /srv/data
flock -n /tmp/l rm -rf /srv/data
flock /tmp/l -c 'rm -rf /srv/data'
flock -w 5 /tmp/l rm -rf /srv/data
watch -n 5 rm -rf /srv/data
watch -n5 'rm -rf /srv/data'
ls | entr rm -rf /srv/data
ls | entr -s 'rm -rf /srv/data'
watchexec -w src -- rm -rf /srv/data
nodemon --exec 'rm -rf /srv/data'
xargs -0 -n1 rm -rf < list
ls /srv | xargs -I{} rm -rf /srv/{}
ls /srv | xargs -n 1 -P 4 rm -rf
parallel rm -rf ::: /srv/data /srv/other
parallel -j4 'rm -rf {}' ::: /srv/data
find /srv/data -type f -exec rm -f {} \;
find /srv -name '*.db' -print0 | xargs -0 rm
fd . /srv/data -x rm -rf
fd -X rm -rf . /srv/data
chroot /mnt rm -rf /srv/data
chroot --userspec=u:g /mnt rm -rf /srv/data
unshare -r rm -rf /srv/data
unshare --map-root-user --mount rm -rf /srv/data
nsenter -t 1 -m -- rm -rf /srv/data
nsenter -t 1 -m rm -rf /srv/data
ip netns exec blue rm -rf /srv/data
firejail --quiet rm -rf /srv/data
bwrap --bind / / -- rm -rf /srv/data
proot -r /x rm -rf /srv/data
fakeroot -- rm -rf /srv/data
fakeroot rm -rf /srv/data
systemd-run --user --scope rm -rf /srv/data
systemd-run -p Nice=1 --on-active=30 rm -rf /srv/data
systemd-inhibit --what=sleep rm -rf /srv/data
dbus-run-session -- rm -rf /srv/data
xvfb-run -a rm -rf /srv/data
catchsegv rm -rf /srv/data
strace -f -o /tmp/t rm -rf /srv/data
ltrace -o x rm -rf /srv/data
perf stat -e cycles rm -rf /srv/data
perf stat rm -rf /srv/data
valgrind --tool=memcheck rm -rf /srv/data
rlwrap rm -rf /srv/data
caffeinate -i rm -rf /srv/data
arch -x86_64 rm -rf /srv/data
busybox rm -rf /srv/data
toybox rm -rf /srv/data
command rm -rf /srv/data
builtin eval 'rm -rf /srv/data'
exec -a x rm -rf /srv/data
hyperfine -w 1 'rm -rf /srv/data'
hyperfine --prepare 'rm -rf /srv/data' 'ls'
echo 'rm -rf /srv/data' | at now
at now <<< 'rm -rf /srv/data'
batch <<EOF⏎rm -rf /srv/data⏎EOF
ssh host rm -rf /srv/data
ssh -p 22 -i key -o StrictHostKeyChecking=no root@host 'rm -rf /srv/data'
ssh -t host -- sudo rm -rf /srv/data
ssh host <<EOF⏎rm -rf /srv/data⏎EOF
sshpass -p x ssh root@db1 dropdb app
mosh host -- rm -rf /srv/data
autossh -M 0 host rm -rf /srv/data
pdsh -w h1,h2 rm -rf /srv/data
clush -w h1 rm -rf /srv/data
pssh -i -H h1 rm -rf /srv/data
tmux send-keys -t 0 'rm -rf /srv/data' Enter
tmux new-session -d 'rm -rf /srv/data'
tmux new -d -s x 'rm -rf /srv/data'
tmux neww -n x rm -rf /srv/data
tmux split-window -h 'rm -rf /srv/data'
tmux run-shell 'rm -rf /srv/data'
screen -S x -X stuff $'rm -rf /srv/data\n'
screen -dm rm -rf /srv/data
screen -dmS x bash -c 'rm -rf /srv/data'
zellij run -- rm -rf /srv/data
npx rimraf /srv/data
npx -y rimraf@5 /srv/data
npx --yes --package rimraf rimraf /srv/data
npx -c 'rm -rf /srv/data'
bunx rimraf /srv/data
pnpm exec rimraf /srv/data
pnpm dlx rimraf /srv/data
pnpm -r exec rm -rf /srv/data
yarn dlx rimraf /srv/data
yarn exec rm -rf /srv/data
yarn rimraf /srv/data
bun wrangler d1 delete app
uv run --with x rm -rf /srv/data
uv run --env-file .env -- rm -rf /srv/data
uvx --from x dropdb app
poetry run rm -rf /srv/data
poetry -C dir run rm -rf /srv/data
pipenv run rm -rf /srv/data
pdm run rm -rf /srv/data
hatch run rm -rf /srv/data
rye run rm -rf /srv/data
conda run -n x rm -rf /srv/data
pipx run --spec x rm -rf /srv/data
bundle exec rm -rf /srv/data
dotenv -e .env -- rm -rf /srv/data
dotenv -f .env run -- rm -rf /srv/data
dotenv rm -rf /srv/data
dotenvx run -f .env -- rm -rf /srv/data
direnv exec . rm -rf /srv/data
mise exec node@20 -- rm -rf /srv/data
mise x -- rm -rf /srv/data
asdf exec rm -rf /srv/data
nix-shell --run 'rm -rf /srv/data'
nix-shell -p jq --run 'rm -rf /srv/data'
nix develop -c rm -rf /srv/data
devbox run rm -rf /srv/data
aws-vault exec prod -- rm -rf /srv/data
chamber exec prod -- rm -rf /srv/data
envchain prod rm -rf /srv/data
teller run -- rm -rf /srv/data
sops exec-env secrets.yaml 'rm -rf /srv/data'
foreman run rm -rf /srv/data
honcho run rm -rf /srv/data
cross-env A=1 rm -rf /srv/data
cross-env-shell A=1 "rm -rf /srv/data"
concurrently "rm -rf /srv/data" "ls"
lerna exec -- rm -rf /srv/data
railway run rm -rf /srv/data
railway ssh -- rm -rf /srv/data
echo 'rm -rf /srv/data' | railway shell
bash -c 'rm -rf /srv/data'
bash -lc 'rm -rf /srv/data'
bash -xc 'rm -rf /srv/data'
bash -c -l 'rm -rf /srv/data'
bash --norc -c 'rm -rf /srv/data'
zsh -ic 'rm -rf /srv/data'
fish -c 'rm -rf /srv/data'
sh -s /srv/data <<< 'rm -rf $1'
bash -s -- /srv/data <<< 'rm -rf "$1"'
cmd /c 'rm -rf /srv/data'
git -c alias.x='!rm -rf /srv/data' x
git bisect run rm -rf /srv/data
git rebase --exec 'rm -rf /srv/data' main
git rebase -x 'rm -rf /srv/data' main
git submodule foreach 'rm -rf /srv/data'
git filter-branch --tree-filter 'rm -rf /srv/data' HEAD
tar --use-compress-program='rm -rf /srv/data' -xf a.tar
tar cf a.tar --checkpoint=1 --checkpoint-action=exec='rm -rf /srv/data' x
psql -c '\! rm -rf /srv/data'
mysql -e 'system rm -rf /srv/data'
sqlite3 x.db '.shell rm -rf /srv/data'
rm -rf ~/projects
rm -rf /home/dev/app/../other
rm -rf ./*
rm -rf .git
rm -rf -- src
python3 -c "import os; os.system('rm -rf /srv/data')"
vim -c '!rm -rf /srv/data' -c q
find /srv/data -type f -print0 | xargs -0 rm -f
find . \( -name '*.py' -o -type f \) -delete
find . ! -name '*.py' -delete
find / -name '*.log' -o -delete
find . -name '*.pyc' -delete -o -type d -exec rm -rf {} +
find . -path ./node_modules -prune -o -exec rm -rf {} \;
python3 -c "import os; [os.remove(os.path.join(r,f)) for r,d,fs in os.walk('/data') for f in fs]"
python3 -c "import glob,os; list(map(os.unlink, glob.glob('/opt/x/*')))"
python3 -c "from pathlib import Path; [p.unlink() for p in Path('/home/dev/docs').rglob('*')]"
node -e "const fs=require('fs'); fs.readdirSync('/data').forEach(f=>fs.unlinkSync('/data/'+f))"
ruby -e 'Dir["/data/*"].each { |f| File.delete(f) }'
php -r 'array_map("unlink", glob("/data/*"));'
GIT_PAGER='rm -rf /srv/data' git -p log
export GIT_EDITOR='rm -rf /srv/x'; git commit
PROMPT_COMMAND='rm -rf /srv/data' bash -i
"#;

/// Everyday commands around the same wrappers.
const HARMLESS: &str = r#"
sudo -l rm -rf /srv/data
sudo -v
sudo apt-get update
nice
watch -n 5 'ls -la /srv/data'
timeout 5 ls
flock -n /tmp/l echo rm -rf /srv/data
xargs -0 grep -l foo < list
find . -name '*.pyc' -delete
find . -name '*.tmp' -exec rm {} \;
find . -type d -empty -delete
find . -name '*.log' -mtime +7 -delete
find /tmp -mtime +7 -delete
find . -name node_modules -prune -exec rm -rf '{}' +
find . \( -name node_modules -o -name dist \) -type d -prune -exec rm -rf {} +
find . \( -name '*.pyc' -o -name '*.pyo' \) -delete
find . -path ./node_modules -prune -o -name '*.pyc' -exec rm {} +
find . -name '*.js.map' -path './dist/*' -delete
find . -not -path './.git/*' -name '*.tmp' -delete
python3 -m build
go run .
node build
cd "$(mktemp -d)" && make
tmux send-keys -t work 'npm test' Enter
python3 -c "import os; [os.remove(f) for f in os.listdir('.') if f.endswith('.pyc')]"
python3 -c "import glob,os; [os.remove(f) for f in glob.glob('build/*.o')]"
python3 -c "import os; print(os.listdir('/data'))"
LD_PRELOAD=/usr/lib/libjemalloc.so.2 ls
GIT_EDITOR=true git rebase --continue
GIT_SEQUENCE_EDITOR="sed -i '1s/pick/squash/'" git rebase -i HEAD~2
GIT_SSH_COMMAND='ssh -i ~/.ssh/k -o StrictHostKeyChecking=no' git pull
NODE_OPTIONS=--max-old-space-size=4096 npm run build
fd -e pyc -x rm
git checkout "$BRANCH"
git checkout $(git branch --show-current)
rm -f "$TMPFILE"
rm "$f"
rm -f *.o
rm -f package-lock.json && npm install
rm -rf node_modules package-lock.json && npm install
rm -rf ./build/* && cmake -B build
rm -rf "$(pwd)/dist"
rm -rf $PWD/dist
rm -rf coverage .nyc_output
rm -rf .venv && python3 -m venv .venv
rm -rf ~/.cache/pip
rm notes.txt
rm -f .env.test
rm .git/index.lock
git stash pop
git stash drop --help
git checkout -b feature
git checkout feature/login
git reset --soft HEAD~1
git clean -nd
git push --force-with-lease
git rebase --abort
git branch -d x
git tag -l
git remote remove origin
terraform plan -out=x
terraform apply
terraform init -reconfigure
terraform fmt
terraform workspace list
railway up
railway logs
railway run npm test
railway variables
railway run -- npm run dev
railway status --json
railway connect Postgres <<< 'select 1'
psql -c 'select 1'
psql -l
mysql -u root -p -e 'show tables'
mysqldump app > backup.sql
pg_dump app | gzip > backups/app.sql.gz
sqlite3 app.db '.tables'
sqlite3 app.db 'select * from x'
psql -c "insert into logs values ('drop table users')"
psql -f migrations/1.sql
echo 'rm -rf /' > script.sh
cat script.sh
curl -X POST https://api.vercel.com/v9/projects -d '{}'
curl -X DELETE localhost:3000/x
curl https://example.com
wget https://example.com/a.tgz
http POST example.com a=b
python3 -m http.server
python3 -m pytest -x
python3 -c 'print(1)'
python3 script.py
node -e 'console.log(1)'
node server.js
npx tsc --noEmit
npx eslint .
pnpm install
pnpm run build
yarn build
pnpm rm rimraf
yarn add wrangler
pnpm wrangler deploy
bun run dev
uv run pytest
uvx ruff check
poetry run pytest
bundle exec rspec
conda run -n x python -V
make
make -n clean
ssh host ls
ssh host 'df -h'
ssh -fNL 8080:localhost:80 host
ssh host 'tail -f /var/log/syslog'
tmux new -s work
tmux ls
tmux send-keys -t 0 'ls' Enter
screen -ls
screen -r foo
docker ps
systemctl status nginx
sed -i 's/a/b/' file.txt
sed -n '1,10p' file.txt
awk '{print $1}' file
awk -F, '{sum+=$3} END {print sum}' data.csv
awk -f prog.awk data.csv
perl -pe 's/a/b/' file
perl -i -pe 's/a/b/' file
ruby -e 'puts 1'
tar czf a.tgz src
tar xzf a.tgz -C /tmp
chmod -R u+w src
chown -R dev:dev .
chmod +x script.sh
cp -r src /tmp/
mv a.txt b.txt
mv src/a src/b
rsync -avz src/ host:/srv/
rsync -av --delete dist/ build/
dd if=/dev/zero of=test.img bs=1M count=10
truncate -s 0 app.log
> out.txt
echo x > "$OUT"
echo 'alias x=y' >> ~/.bashrc
cat a > b.txt
tee out.log < in
echo foo | sudo tee /etc/hosts.d/x
lsblk
df -h
du -sh *
zfs list
mdadm --detail /dev/md0
cryptsetup luksDump /dev/sda2
fdisk -l
tmp=$(mktemp); trap 'rm -f "$tmp"' EXIT
for f in *.txt; do wc -l "$f"; done
if [ -d build ]; then rm -rf build; fi
[ -f x ] && rm x
cd /tmp && rm -rf build-123
cd /tmp/work && rm -rf *
mkdir -p /tmp/x && cd /tmp/x && rm -rf ./*
cargo clean
npm run build
docker build -t x .
git commit -m "rm -rf /"
git log --oneline -5
grep -r "DROP TABLE" .
echo "DROP TABLE x" | grep DROP
vim file.txt
vim -c 'set nu' file.txt
nix develop -c make
nix-shell -p jq --run 'jq . x.json'
env | grep PATH
env FOO=1 npm test
time make
nohup npm start &
script -q out.txt
at -l
hyperfine 'ls'
strace ls
entr -r node server.js
direnv allow
mise install
asdf install
hatch build
op --version
cross-env NODE_ENV=test jest
concurrently "npm run a" "npm run b"
"#;

/// Returns the ids of the rules that a command fires.
fn judge(book: &Rulebook, line: &str) -> Vec<String> {
    let (_, findings) = trial::judge(book, &line.replace('⏎', "\n"), &BTreeMap::new());
    findings.iter().map(|finding| finding.rule.id()).collect()
}

#[test]
fn nothing_hides_in_a_wrapper() {
    let book = Rulebook::builtin();
    let missed: Vec<&str> =
        STOPPED.lines().filter(|line| !line.is_empty() && judge(&book, line).is_empty()).collect();
    assert!(missed.is_empty(), "not stopped:\n{}", missed.join("\n"));
}

#[test]
fn everyday_commands_pass() {
    let book = Rulebook::builtin();
    let told = |line: &str| format!("{line}: {}", judge(&book, line).join(", "));
    let alarms: Vec<String> = HARMLESS
        .lines()
        .filter(|line| !line.is_empty() && !judge(&book, line).is_empty())
        .map(told)
        .collect();
    assert!(alarms.is_empty(), "false alarms:\n{}", alarms.join("\n"));
}
