//! Given names that are common somewhere: by them a list of people is told from a list of places,
//! currencies or products, whose names are written alike.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// Is a word, in whatever case, a common given name?
pub fn is_given_name(word: &str) -> bool {
    NAMES.contains(word.to_lowercase().as_str())
}

static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| LIST.split_whitespace().collect());

/// In lower case, of some forty languages in Latin letters.
const LIST: &str = "
aaron abbie abdul abdullah abel abena abigail abraham abril achim ada adalberto adam adela
adelaida adele adelina adeline adina aditya adolf adrian adriana adriano adrienne adrián
adán agata agatha agathe agnes agnieszka agnès agustín agáta ahmed aida aidan aideen aiden
aileen ailis aimee aimée aine aino aisha aisling akira alain alan alana albert alberto albin
albina aldo alejandra alejandro aleks aleksandar aleksander aleksandr aleksandra alen alena
alessandro alex alexa alexander alexandra alexandre alexandria alexandru alexei alexej
alexia alexis aleš alf alfonso alfred alfredo ali alice alicia alida alina alison alistair
alix allan allison alma alois alonso alva alyssa alícia ama amador amalia amalie amanda
amber amelia amelie amina amir amit amy amélie ana anabel anabela anastasia anaïs anders
andre andrea andreas andrei andrej andres andrew andrzej andré andrée andrés ane aneta anett
anette anežka angela angelica angelika angelina angelo angus angélica ani anica anika anita
anja anka ann anna annamaria anne anneli annette anni annie annika anouk ante anthony anto
antoine antoinette anton antonella antonia antonie antonietta antonija antonina antonino
antonio antonius antony anu aoi aoife apolonia april araceli arcelia ariadna ariana ariane
ariel arjun armando armin arne arnold aron arsenio arthur artur arturo ashleigh ashley
ashling asta astrid asunción attila audrey august auguste augustin augusto aura aurel
aurelia aurelio aurora aurore aurélie austin axel aylin ayten barbara barbora barry bastian
beatrice beatrix beatriz belinda bella ben benedict benedikt benita benito benjamim benjamin
benjamín benoît bente benthe berend berit bernabé bernadette bernard bernarda bernardo
bernhard berta bertil bertram bertrand beth bethan bethany betina bettina beverley beáta
bianca bianka billy birger birgit birgitta birte birthe björn blahoslav blake blanca blanka
blažena bogdan bohumil bohumila bohumír bohuslav boleslav boris božena bradley brandon
branka branko breda brenda brendan brent brett brian brigid brigita brigitta brigitte britt
britta brittany bronagh brooke bruce bruna bruno bryan bárbara caitlin caitriona caleb
calista callum calogero calvin cameron camila camilla camille camilo canan caoimhe cara
caridad carina carl carla carlo carlos carlota carly carmel carmela carmelo carmen carmina
carol carole carolina caroline carolyn carrie carsten casandra casper cassandra catalina
catarina caterina cathal catharina catherine cathleen cathrine cathy catriona cecilia
cecilie cecília celia celine chantal charlene charles charlie charlotte che chelsea cheryl
chidi chloe chris christelle christian christiane christina christine christoffer christoph
christopher ciara ciaran cillian cindy cipriano ciro claire clara clare clarisa clarissa
claude claudia claudine claudio claus clemens clemente clementina clifford cliodhna cliona
clive clodagh clémence cody colette colin colleen collette colm colum comfort conal conall
conan concepción concetta conn connie connor conny conor conrad constance constantin
constanze consuela cora corey corina corinna corinne cormac cornelia cornelio cornelius
corona courtney craig cristian cristiano cristina cristobal ctibor curt cynthia cyril cécile
célina céline césar dagmar dagmara daire dale dalia dalibor damian damien damir dan dana
dani danica daniel daniela daniele danielle danijel danijela danilo danny dante daphne dara
daria darina dario darius dariusz darko darragh darrell darren darryl darío david davor dawn
dean dearbhail dearbhla deborah debra declan deepak dejan delia demi denis denisa denise
dennis derek dermot derrick dervla desmond dewi diana diane diarmuid diego dilara dimas dina
dino diogo dirk dmitri dmitry dobroslav dolores domenico domhnall dominic dominik dominika
dominique don donal donald donato donna dora doreen dorina doris dorota dorothy dorothée
douglas draga dragan dragica drago drahomíra drahoslav drahoslava dulce duncan dušan dylan
dávid débora eamon eamonn eda edda edel edgar edit edita edith edmond edmund eduard eduarda
eduardo edward edwin eileen eilis eilish eimear eimer einar ekaterina ela elaine eleanor
elena eleonora eli eliana elias elif elin elina elisa elisabet elisabeth elise eliza
elizabeth eliška ella ellen ellie elliot elliott elma elodia eloy elsa else elvira elvis ema
emanuel emanuela emeka emer emil emilia emilian emiliano emilie emilija emilio emily emin
emma emmanuel emmanuelle emmet emmett emília enda enrico enrique enzo eoghan eoin erdogan
eric erica erik erika erin erkan erling erna ernest ernesto ernst ervin erwin esmeralda
esperanza esteban estefanía estela estelle ester estera esther ethan etta eugen eugene
eugenia eugenio eunice eusebia eva evan eve evelina eveline evelyn evi evie evita ewa fabia
fabian fabiana fabio fabiola faith fang fanny fatih fatima fausto faye feargal fearghal
federico fedor felicia felicitas felipe felix ferdinand ferenc fergal fergus fernanda
fernando fidel filip filippa filippo finbar finn fintan fiona fionnuala flavia flavio flor
flora florence florencia florentin florentina florian florin florina fortunata frances
francesca francesco francis francisca francisco franco franjo frank františek františka
franz franziska françois françoise freddy frederic frederick frederik fredo fredrik freya
frida fridolin friedrich frode frédéric frédérique félix gabi gabino gabriel gabriela
gabriele gabriella gabrielle gaetano gail galina gareth garrett garry gary gaspar gavin
gemma geneviève genoveva geoffrey georg george georges georgia georgina gerald geraldine
gerard gerardo gerd gerda germán gert gertrud gertrude gerónimo gil gilbert gilberto gilda
gilles gillian gina gino giorgio giovanna giovanni gisela gitte giuseppe giuseppina glen
glenn gloria gonzalo goran gordana gordon grace graciela graeme graham grainne grant gregor
gregorio gregory greta grete grethe griselda grzegorz grégoire guadalupe guido guilherme
guillaume guillermo gunhild gunnar gustav gustavo guy gérard gülay hamish hana hanna hannah
hanne hans hao harald harold harri harriet harry haruto hasan hassan hayden hayley hazel
heather hedvika heidi heinrich helen helena helene helga helge hendrik henri henrieta
henrietta henriette henrik henrique henry herbert hernán hilary hilda hilde hiroshi holger
hollie holly horacio hortense hortensia howard hubert hugh hugo hugues hui humberto huong
hussein hyun héctor hélène iain ian ibrahim ida ieva ignacio ignác igor ika ileana ilias
ilija ilona ilse imelda imke imre ina inaya indira indra ines ineta inga inge ingeborg inger
ingrid ingrida inés iolanda ira irena irene irina iris irma isa isaac isabel isabela isabell
isabella isabelle isis ismael ismail iva ivan ivana ivanka ivar iveta ivica ivo ivona ivonne
iván izabela izidor jacek jacinta jacinto jack jackson jacob jacobo jacqueline jacques jade
jadranka jae jaime jaka jake jakob jakub james jamie jan jana jane janet janette jani janice
janina janine janko janna janne jannis jaqueline jared jari jarlath jarmila jaromír jaroslav
jaroslava jasmin jasmina jasmine jasna jason jasper javier jay jayden jayne jean jeanette
jeanne jeannette jeannine jeffrey jelena jemma jenna jenni jennifer jenny jens jeremiah
jeremy jerzy jerónimo jesper jesse jessica jesús jie jill jim jin jing joachim joakim joan
joana joanna joanne joaquim joaquín jodie joe joel johan johann johanna johanne johannes
john johnny jolana jolanda jolanta jon jonas jonathan jonáš joon jordan jorge joris jose
josef josefa josefina josefine joseph josephine josette josh joshua josip josué josé
joséphine jovita joy joyce jozef joão joško juan juana juanita jude judita judith jules
julia julian juliana juliane julianna julie julien juliet julieta juliette julijana julio
julius jun june juraj jure juri justin justina justine justus ján jérôme jörgen jørgen júlia
kai kaja kala kalina kamil kamila kara karan karel karen kari karin karina karl karla karlo
karol karolina karoline karolína karsten kasim kaspar kata katalin katarina kate katharina
katharine katherina katherine kathleen kathryn kathy katie katja katrin katrina katy kavita
kayla kayleigh kazuo keith kelly kelsey kemal kenji kenneth kent kerry kerstin kevin khalid
kieran kilian killian kim kimberly kira kirk kirsten kirstin kirsty kjell klara klaudia
klaus klement klára knut kofi konrad konstantin kornel kornelia krista kristian kristiina
kristijan kristin kristina kristine kristjan krystyna krzysztof kurt kwame kyara kyle kyra
kåre ladislav ladislava laetitia laila lakshmi lana lara larisa larissa lars laura lauren
laurence laurent laurenz laurie lavinia lawrence layla lea leah leander leandra leandro
leanne lee leena lei leif leigh leila lena lene leni lenka lennart leo leon leona leonard
leonardo leone leonel leonhard leonie leonor leonora leontina leopold leopoldo lesley leslie
leticia letícia levi lewis leyla li lia liam liana libor lidia lidija ligia ligita lili
lilia lilian liliana liliane lilija lilla lilli lilly lily lina linda lindsey line linh linn
linnea lino linus lisa lisandro lise liv livia liz liza ljiljana ljubica ljudmila logan lois
lola lolita lorcan loredana lorena lorenz lorenzo loretta lorna lorraine lotte louis louise
lourdes lovro luana luc luca lucas lucia luciana luciano lucie lucija lucinda lucio lucy
lucía ludmila ludovica luigi luis luisa luise luiza luka lukas luke lukáš luna luz luís
luísa lydia lynda lynn lynne lívia madeleine madison mads maeve magda magdalena magdaléna
magnus maida maija mairead maja maks maksim malachy malcolm malena malin mandy manon manuel
manuela manus mara marc marcel marcela marcella marcelle marcelo marco marcos marcus mare
marek maren marga margaret margareta margaretha margarita margit margita margot marguerite
mari maria mariam marian mariana marianna marianne mariano marica marie marija marijan
marijana marika marilyn marin marina mario marion marisa marisela marisol marissa marit
marita marius mariusz marjan mark marko markus marlene marta martha martin martina martine
martín marvin mary maryam maryse maría mason massimo matej mateja mateo mateus mathew
mathias mathilde matias matija matilda matilde mato mats matteo matthew matthias mattias
maura maureen maurice mauricio maurizio mauro max maxim maximilian maximiliano maya mayte
megan mehmet meike melania melanie melina melinda melisa melissa melita mercedes metod mette
mia micaela micha michael michaela michal micheal michel michele michelle michèle miguel
mihael mihaela mijo mika mikael mike mikhail mikuláš mila milada milan milda milena milica
milka milo miloslav miloslava miloš min mina ming minh minna mira mirco mirella miriam mirja
mirjam mirjana mirko miroslav miroslava mitchell modesto mohamed mohammad mohammed mojmír
molly mona monica monika monique morena morgan moritz morten muhammad mustafa myles mária
mário mélanie mónica nada nadežda nadia nadin nadine nadja nancy nanni naoise naoko naomh
naomi narcisa natalia natalie natalija natalja natan natascha natasha nataša nathalie nathan
nathaniel natividad natália neil nela nelly nenad nevenka ngozi nguyen niall niamh nichola
nicholas nick nico nicola nicolai nicolas nicole nicolás nidia niels nigel niina nika nikita
nikki niklas niko nikola nikolai nikolaj nikolas nikolaus nikolina nils nina nino nisa noa
noah noel noelia noemí noor nora norah norbert norma norman nova noémi noël nuala octavia
octavio océane oda odette ofelia oisin ola olaf olav ole olga olimpia oliver olivia olivie
olivier olívia omar oni oonagh orla orlaith oscar oskar osvaldo otilia oto otto ove owen
oxana pablo padraic padraig paige paloma pamela paola paolo pascal pascual pasquale patricia
patricio patrick patrik patrizia patrícia paul paula paulette paulina pauline paulo pauric
pavel pavla peadar pearse pedro per perla pero petar peter petra petronela philip philipp
philippe phillip philomena pia pierce pierre pietro pilar piotr pooja porfirio priscilla
priya pénélope rachael rachel radomír radoslav radovan rafael rafaela ragnhild rahul raisa
raj ralph ramiro ramona ramón rana randi raphael raquel raul ravi raymond raúl rebeca
rebecca rebeka reece regina reginald reina rena renata renato rene renee renáta rené renée
reynaldo reza rhonda rhys ria ricarda ricardo richard rico rita robert roberta roberto robin
robyn rocco rocío rodolfo rodrigo roger rohan roisin roland rolando rolf roman romana romeo
romina romy ron ronald ronan ronja ronny rory rosa rosalia rosalie rosario rose rosemarie
rosemary rosie rosina ross rowan roxana roy roza rozalia rozalija rozália ruairi ruben ruby
rubén rudi rudolf rufino rune russell ruth ryan ryszard rémy róbert sabina sabine sabri
sabrina sakura sally salma salomé salvador salvatore sam samanta samantha sami samuel sander
sandra sandro sanja sanjay sanne santiago sara sarah sari saskia satoshi saša scott seamus
sean sebastian sebastiano sebastián selena selina selma seo sepp serafina serena sergei
sergej sergey sergio severin severino sevim shane shania shannon sharon shaun shauna sheila
shirley shona sian signe sigrid sigurd silje silke silva silvana silvester silvia silvio
simon simona simone sinead siobhan sipho siti siv slavica slavko slavomír slobodan socorro
sofia sofie sofía soledad solveig sonia sonja soo sophia sophie soraya sorcha soňa stacey
stan stana stanislav stanislava stanley stefan stefani stefania stefanie stefano stela
stella sten stephan stephanie stephen steve steven stewart stig stina stine stjepan stuart
stéphane stéphanie sunita susan susana susanna susanne suzana suzanne sven svetlana
sylvester sylvia sylvie sylwia sára sébastien tadeusz tadeáš takashi tamara tammy tania
tanja tanya tara tatiana tatjana taylor tea teodor teodora teodoro terence teresa terry
terézia tess tessa thabo thea theo theodor theodora theresa therese thomas théodore thérèse
tibor tiffany tiina tim timea timo timotej timoteo timothy timothée tina tine tobias toby
tom tomas tomasz tomi tomislav tommy tomás tomáš toni tony tonya torben tove tracey tracy
travis trevor trine trinidad tristan troy tyler ulf uli ulla ulrike una unni urban ursula
urszula valentim valentin valentina valentine valentín valeri valeria valerie valerio valter
valéria valérie vanda vanesa vanessa vanya vasco veli vera verena veronica veronika verónica
vesna vicente victor victoria vida vijay viktor viktoria viktorija viktória vilma vince
vincent vincenzo viola violet violeta violetta virgilio virginia virginie vito vittorio
vitória vivian viviana vivien vladimir vladimír vladimíra vladislav vlado vlasta vlastimil
vratislav václav véronique víctor vít walter warren wayne wei wendy werner wesley wilhelm
william witold wojciech xavier xenia xin yago yan yara yasmin yasmine yilmaz ying yolanda
yui yuki yuri yusuf yves yvette yvonne zacarías zacharie zachary zahra zainab zaira zara
zdenka zdenko zdravko zelma zenta zeynep zina zita zlatko zoe zoey zoltán zora zoran zoé
zuzana zvonko álvaro ángel ángela áron åse édith édouard élisabeth élise élodie éléonore
émile émilie éric étienne óscar øystein øyvind úrsula šimon štefan štefanija žaneta željko
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_from_places() {
        for name in ["Ann", "emma", "Priya", "Wei", "Zoe", "Mohammed"] {
            assert!(is_given_name(name), "{name}");
        }
        for word in ["Swiss", "South", "Saint", "United", "Creative", "Indian"] {
            assert!(!is_given_name(word), "{word}");
        }
    }
}
