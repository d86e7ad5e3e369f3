"""Words of the trade, which in lower case or capitals throughout no person, place or organisation is called.

Those that three or more of the 5,485 excavator work orders in NIST's Nestor have (public domain), without the names
among them, and some of other machines.
"""

from sensorium_text.entities._lexicon import words

TRADE_WORDS = words("""
    above acc access accessory accident activated actuator adapter adaptor adaptors additional adj adjust adjuster
    adjusting adverse aerial after aftercooler again air aircon airconditioner aircons alarm alarms aligned all
    alternator and anti appears area arm around ass assembly assy audit auto back bad balance balanced bar base
    batteries battery bay bcs bearing been behind below belt belts bent between bkt blade bleed blind block blocked
    blocking blocks blowen blower blowing blown board body boiler boily bolt bolts boom both bottle bottom box boxes
    bracket brackets brake brakes breaker breather breathers broken bucket build bulb bulk bung bungs burn burnt burst
    bush bushes busted button buttons bypass bypassing cab cabin cabinet cable cables calibrate calibrated camera
    cameras can cap capital caps car carbody card carrier carry case cat cav cavities cavity centre centrifugal
    centrifuge chain chains change changed changeout charge charging check chiller chip circlip circuit clam clamp
    clamps clean cleaned cleaner cleaners close cms cold com come coming comm commercial complete completed compressor
    con cond conditioner console contamination contractor control controler conveyor coolant cooler coolers cooling
    cord corner cost counterweight coupling cover covers crack cracked cracking cracks creeping crowd cut cutting cyl
    cylinder cylinders damage damaged dash day deck defective defects deflector der dip dipper dipstick directional
    discharge discharged dist distribution distributor done door doors down drain driers drive drives dropping dry
    dump dust ear elbow elect electrical electrician emergency empty encoder end eng engine engines error excessive
    exhaust extinguisher extra fab fabricate failed failure fallen falling falt fan fans fault faults faulty fill
    filter filters final fire fit fitted fitter fitting fittings fix flange flat flex float floor flow flush foot for
    found frame free from front fuel full function functions furnace gard gas gasket gates gauge gauges gaurd gaurds
    gear gearbox gearcase gease get getting gland glass going grease greased guage guard guards guide had hand handle
    handles handrail handrails hands hard harness has have head header heads heater heating high hinge hinges history
    hmi holding holed horn horns hose hoses hosing hot hours housing housings hrs hub hunting hyd hydraulic hydraulics
    idle idler idlers ignition impeller indicator injector injectors inlet inner inside inspect inspection install
    instrument intake intermittent into investigate isolator joint joystick jump keeper keepers keeps key knob labour
    lacking ladder lamp latch latches leak leaking leaks left leg level lever lhs lid lift light lighting lights limit
    line lines link linkage lip load lock locking logic loose loosing lost low lower lts lube lubricated machine main
    maintenance major make making malfunction manifold manifolds material mcv mech mechanic metal micro mining mirror
    misc missing modify module motor motorised motors mount mounting mounts move moving mtr mud muffler mufflers near
    need needed needs new noise noisy not occurring off oil oils old one only open operation operator operators oring
    orings out outer outside over overflow overhaul overheated overheating overtemp pack package palletizer panel
    parts pedal per piece pilot pin pins pipe pipes piping pivot plate plates platform plc plug plugs pms point ports
    pos poss pot power pre prelube press pressure pressuriser pressurisers pressurising primary problem problems
    properly pto pull pulley pump pumps quote radiator radio rail rails ram ramp reading rear rebuild receiving
    recharge rectify reel refill refit regulator relay releasing releif relief relocate remount remove removed repair
    repaired repairs repl replace replaced replacement replacing replce reported reposition request require required
    requires reseal reserve reservoir rest restart restarted restriction retainer retainers retaining return revs
    rewire rhf rhs right ring rings riu robot rock roller rollers roof room rope ropes ros rotary rotor rplace run
    running safety sample scope screen screens screw scv seal seals seat second sections see seized sender senders
    sensor service servo set shaft shd shift shim shin short shovel shroud shrouds shut shutdown shuting shutting side
    sleeve slew slide sliding slipping slow smoke solenoid sos spare speaker speakers speed spindle spinner spline
    split stair stairs stand start starter starting station staying steel step steps stick stop stripped strips
    structure style suction sunblind supervisor supply support suppression supression suspect swing switch switches
    swivel sys system take tank tap technician teeth temp tension tensioner test text the thermostat thermostats
    throttle tighten timer times timing tip tipping tips too tooth top torn tower track tram tramming trans
    transmission transmitter travel tread tripped tube tubing tune turbo turbocharger turn two under undercarriage
    unit units upgrade upper used using vacuum valve valves vdo vee vent verti very vfd vibration walking walkway wall
    warning warr warranty wash water way wear weep weeping weld welded welder welding well when will window windscreen
    wing wiper wipers wire wireing wiring with won wont work working worn would wrry
""")
